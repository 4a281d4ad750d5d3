// Shows new figures and rows by itself. Without this file the page loads itself again every 10 seconds.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const held = document.getElementById("held");
  let shown = live.dataset.revision;
  let waiting = null; // the newest list, kept back while the reader is at the present one
  let busy = false;
  let again = false;

  let shownList = document.getElementById("list").innerHTML;
  const list = () => document.getElementById("list");

  // A list must not move under a pointer, a focused link, selected text, or a reader who has scrolled into it.
  const inUse = () =>
    list().matches(":hover") ||
    list().contains(document.activeElement) ||
    (!getSelection().isCollapsed && list().contains(getSelection().anchorNode)) ||
    list().getBoundingClientRect().top < 0;

  const putList = () => {
    if (!waiting) return;
    shownList = waiting.innerHTML;
    const known = new Set([...list().querySelectorAll("tr[id]")].map((row) => row.id));
    for (const row of waiting.querySelectorAll("tr[id]")) if (!known.has(row.id)) row.classList.add("new");
    list().replaceWith(waiting);
    waiting = null;
    held.hidden = true;
    list().addEventListener("mouseleave", putListSoon);
  };

  // Late enough that a pointer on its way to the button gets there.
  const putListSoon = () => setTimeout(() => inUse() || putList(), 1500);

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
      if (answer.status === 401) location.reload(); // the session ended, or the screen is locked
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("figures").replaceWith(page.getElementById("figures"));
      const next = page.getElementById("list");
      shown = page.getElementById("live").dataset.revision;
      waiting = next.innerHTML === shownList ? null : next;
      if (!waiting) held.hidden = true;
      else if (inUse()) held.hidden = false;
      else putList();
    } catch {
      // The network is away; the next change or the next connection looks again.
    } finally {
      busy = false;
      if (again) {
        again = false;
        look();
      }
    }
  };

  held.querySelector("button").addEventListener("click", putList);
  list().addEventListener("mouseleave", putListSoon);

  let timer = null;
  const lookNowAndThen = () => {
    timer ??= setInterval(look, 10000);
  };
  const source = new EventSource(live.dataset.events);
  source.addEventListener("changed", (event) => {
    if (event.data !== shown) look();
  });
  source.addEventListener("open", () => {
    clearInterval(timer);
    timer = null;
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) lookNowAndThen(); // refused: it does not try again by itself
  });
})();
