/** What the agent tells while it runs; who runs it says it to people. */
export type AgentEvent =
  /** Goes on by itself once it can: `loki http://logs:3100`, `503 Service Unavailable`. */
  | { readonly kind: 'trouble'; readonly of: string; readonly message: string }
  | { readonly kind: 'recovered'; readonly of: string }
  /** Entries that will not arrive. */
  | { readonly kind: 'lost'; readonly of: string; readonly entries: number; readonly reason: string }
  /** The sink will never take them; `kept`: they are dead letters. */
  | {
      readonly kind: 'refused';
      readonly of: string;
      readonly entries: number;
      readonly reason: string;
      readonly kept: boolean;
    }
  /** `command ended with exit code 3`. */
  | { readonly kind: 'note'; readonly of: string; readonly message: string }
  /** What is as it should be, for those who want to know more. */
  | { readonly kind: 'detail'; readonly of: string; readonly message: string };

export type TellEvent = (event: AgentEvent) => void;
