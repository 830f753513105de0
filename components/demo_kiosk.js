// Tells the studio when nobody has touched the screen for a while; before that it warns.
const WARN_S = 15;
const EVENTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "scroll"];

// Somebody who waits for a slow answer is still there.
function isAnswering() {
  const app = document.querySelector("[data-testid=stApp]");
  return app?.dataset.testScriptState === "running";
}

function start(root, state) {
  root.setAttribute("role", "status");
  const rest = () => {
    state.last = Date.now();
    root.hidden = true;
  };
  const touched = () => {
    state.used = true;
    rest();
  };
  const look = () => {
    const { data } = state;
    const left = Math.ceil(data.idle_s - (Date.now() - state.last) / 1000);
    if ((!data.begun && !state.used) || isAnswering()) {
      rest();
    } else if (left <= 0) {
      rest();
      state.used = false;
      state.tell();
    } else if (left <= Math.min(WARN_S, data.idle_s / 3)) {
      root.hidden = false;
      root.textContent = data.warning.replace("{0}", left);
    }
  };
  EVENTS.forEach((name) => window.addEventListener(name, touched, { capture: true, passive: true }));
  const timer = setInterval(look, 500);
  return () => {
    clearInterval(timer);
    EVENTS.forEach((name) => window.removeEventListener(name, touched, { capture: true }));
  };
}

// Called at each run of the page; the clock goes on.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".idle");
  const state = (root.idle ??= { last: Date.now() });
  state.data = data;
  state.tell = () => setTriggerValue("left", Date.now());
  state.stop ??= start(root, state);
  return () => {
    state.stop?.();
    state.stop = null;
  };
}
