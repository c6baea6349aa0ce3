// dawn.ts: WebGPU in Node
//
// Dawn is large and its driver can fail, so it is loaded only for an engine that may use it. Its instance must outlive
// every device, and a live device keeps Node from exiting by itself: commands end with process.exit (cli.ts).

let opened: Promise<GPU | undefined> | undefined

/** Dawn's twin of navigator.gpu; undefined where Dawn cannot be loaded. */
export function openDawn(): Promise<GPU | undefined> {
  opened ??= import('webgpu').then(
    ({ create, globals }) => {
      Object.assign(globalThis, globals)
      return create([])
    },
    // No binary for this platform: the same as no adapter.
    () => undefined,
  )
  return opened
}
