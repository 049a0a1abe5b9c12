/**
 * What a component is. Its folder has an `index.js` whose default export makes the view of one place in the page, and a
 * `style.css`. `lenet/ui/loader.js` mounts it.
 */

/**
 * @template Scene the data that Python sends
 * @typedef {(root: HTMLElement, host: Host, scene: Scene) => View<Scene>} Component
 */

/**
 * @template Scene
 * @typedef {object} View
 * @property {(scene: Scene) => void} update draws a scene that is new or differs from the last one
 * @property {() => void} [again] the page was run again and sent the same scene
 * @property {() => void} [close] the place has left the page
 */

/**
 * The way to the server: each call runs the page again. Names and meaning are Streamlit's.
 * @typedef {object} Host
 * @property {(name: string, value: unknown) => void} setStateValue a value that stays
 * @property {(name: string, value: unknown) => void} setTriggerValue an event that happens once
 */

export {}
