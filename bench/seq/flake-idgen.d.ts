/** The part of flake-idgen that peers.ts uses; the package has no types of its own. */
declare module 'flake-idgen' {
  export default class FlakeId {
    next(callback: (error: Error | null, id: Buffer) => void): void;
  }
}
