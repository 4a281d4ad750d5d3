// The queue by keyboard, and ticks that are kept as they are set. Everything here works without this file too, by its buttons.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("#list tbody tr")];
  const here = () => document.querySelector("tr.here");
  let at = location.hash.slice(1);

  const stand = (row) => {
    if (!row) return;
    here()?.classList.remove("here");
    row.classList.add("here");
    at = row.id;
    row.scrollIntoView({ block: "nearest" });
    (row.querySelector("button, a.button") ?? row.querySelector("a"))?.focus({ preventScroll: true });
  };
  const step = (by) => {
    const all = rows();
    // A list that was put anew has lost its mark: the row is known by its id.
    const now = all.indexOf(here() ?? document.getElementById(at));
    stand(all[now < 0 ? 0 : Math.min(all.length - 1, Math.max(0, now + by))]);
  };

  // Ticks are kept at once, so that nothing is lost when the network is.
  const keep = async () => {
    const form = document.getElementById("list");
    const answer = await fetch("/ticks", { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    if (answer.type !== "opaqueredirect" && !answer.ok) return;
    const address = new URL(location.href);
    address.searchParams.set("fragment", "1");
    const page = new DOMParser().parseFromString(await (await fetch(address, { cache: "no-cache" })).text(), "text/html");
    const told = page.getElementById("ticked");
    if (told) document.getElementById("ticked").textContent = told.textContent;
  };
  document.addEventListener("change", (event) => {
    if (event.target.name === "tick") keep().catch(() => {});
  });

  // Where to go on after an act: the next row, so that no hand leaves the keyboard.
  document.addEventListener("click", (event) => {
    const next = event.target.dataset?.next;
    if (next) sessionStorage.setItem("next", next);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const row = here();
    const act = {
      j: () => step(1),
      ArrowDown: () => step(1),
      k: () => step(-1),
      ArrowUp: () => step(-1),
      x: () => row?.querySelector("input[name=tick]")?.click(),
      o: () => row?.querySelector("td.t a")?.click(),
      u: () => document.querySelector("#figures .say a")?.click(),
      n: () => document.querySelector("[accesskey=n]")?.click(),
      "/": () => document.querySelector(".find input")?.focus(),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  const next = sessionStorage.getItem("next");
  sessionStorage.removeItem("next");
  addEventListener("hashchange", () => stand(document.getElementById(location.hash.slice(1))));
  stand(document.getElementById(next ?? at) ?? (next === null && !at ? null : rows()[0]));
})();
