/**
 * Libraries that would print for themselves, in the middle of what a command prints. Here, since nothing else touches the environment of
 * the process; programs that ds starts inherit it.
 */
export function quietLibraries(env: NodeJS.ProcessEnv = process.env): void {
  // The AWS SDK tells on stderr which versions of Node its later versions will want: no matter of whoever runs a command. It has no other switch.
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
