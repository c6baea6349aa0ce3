// main.ts: mounts the page

import './runners/arrival'
import './trusted'
import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { keepForOffline } from './offline/register'

mount(App, { target: document.getElementById('app')! })
// The name of this file holds a hash of all that it is made of.
keepForOffline(import.meta.url.split('/').at(-1)!)
