// register.ts: keeps the page for when there is no network

/**
 * Registers the service worker of this build, once the page has loaded and has nothing better to do. Under the
 * development server there is none. A browser that refuses goes on as a page that needs its server.
 *
 * @param version tells this build from others
 */
export function keepForOffline(version: string): void {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const register = () =>
    navigator.serviceWorker.register(`/service-worker.js?v=${encodeURIComponent(version)}`).catch(() => undefined)
  if (document.readyState === 'complete') void register()
  else window.addEventListener('load', () => void register(), { once: true })
}
