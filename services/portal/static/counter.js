// The counter and its display: told of changes, it shows them, with a soft sound where money came. Works by refresh without this.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const states = () => new Map([...document.querySelectorAll("[data-state]")].map((each) => [each.id, each.dataset.state]));

  // A short, soft tone. Browsers let a page sound once somebody has touched it.
  const sound = () => {
    try {
      const audio = new AudioContext();
      const volume = audio.createGain();
      volume.gain.setValueAtTime(0.12, audio.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.7);
      volume.connect(audio.destination);
      [660, 880].forEach((pitch, place) => {
        const tone = audio.createOscillator();
        tone.frequency.value = pitch;
        tone.connect(volume);
        tone.start(audio.currentTime + place * 0.16);
        tone.stop(audio.currentTime + 0.7);
      });
    } catch {
      // No sound is no harm.
    }
  };

  // What somebody types or has opened must not vanish under their hands.
  const inUse = () => {
    const list = document.getElementById("list");
    return list.contains(document.activeElement) || [...list.querySelectorAll("details")].some((each) => each.open);
  };

  let busy = false;
  let again = false;
  const look = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const address = new URL(location.href);
      address.searchParams.set("fragment", "1");
      const answer = await fetch(address, { cache: "no-cache" });
      if (answer.status === 401) location.reload();
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = states();
      const next = page.getElementById("list");
      document.getElementById("figures").replaceWith(page.getElementById("figures"));
      if (inUse()) {
        // Only what came is shown, card by card; the rest waits until nobody is at it.
        for (const card of next.querySelectorAll(".wait.received")) {
          const old = document.getElementById(card.id);
          if (old && !old.contains(document.activeElement)) old.replaceWith(card);
        }
      } else if (next.innerHTML !== document.getElementById("list").innerHTML) {
        document.getElementById("list").replaceWith(next);
      }
      for (const [id, state] of states()) if (state === "received" && before.has(id) && before.get(id) !== state) sound();
      tick();
    } catch {
      // The network is away; the next look finds what happened.
    } finally {
      busy = false;
      if (again) {
        again = false;
        look();
      }
    }
  };

  const tick = () => {
    for (const each of document.querySelectorAll("time.timer")) {
      const seconds = Math.max(0, Math.floor((Date.now() - new Date(each.dateTime)) / 1000));
      each.textContent = `(${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")})`;
    }
  };
  setInterval(tick, 1000);
  tick();

  let timer = setInterval(look, 5000);
  const source = new EventSource(live.dataset.events);
  source.addEventListener("changed", look);
  source.addEventListener("open", () => {
    clearInterval(timer);
    timer = setInterval(look, 30000);
  });
  source.addEventListener("error", () => {
    clearInterval(timer);
    timer = setInterval(look, 5000);
  });

  // A counter's screen stands where strangers pass: untouched it asks for the password again.
  const lockAfter = Number(live.dataset.lock ?? 0) * 1000;
  if (lockAfter) {
    let touched = Date.now();
    for (const kind of ["pointerdown", "keydown", "pointermove"]) addEventListener(kind, () => (touched = Date.now()), { passive: true });
    setInterval(() => {
      if (Date.now() - touched > lockAfter) document.querySelector("form[action='/lock']")?.requestSubmit();
    }, 5000);
  }
})();
