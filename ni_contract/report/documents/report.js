"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (text) => { document.getElementById("announce").textContent = text; };

  // Without the script everything is open; with it, what is long opens on demand.
  const opened = all("details.failure.leader").slice(0, 3);
  all("details.exchange, details.failure, details.one").forEach((one) => { one.open = opened.includes(one); });

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  all("button.copy").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await copy(button.parentElement.querySelector("pre").textContent);
      button.textContent = "Copied";
      say(`${button.getAttribute("aria-label")}: copied`);
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  });

  const form = document.getElementById("filters");
  const pairs = (row) => (row.dataset.verdicts || `${row.dataset.edition}=${row.dataset.verdict}`).split(" ").map((pair) => pair.split("="));
  const fits = (row) => {
    const { verdict, area, edition, text } = Object.fromEntries(new FormData(form));
    const found = pairs(row).some(([name, word]) => (!edition || name === edition) && (!verdict || word === verdict));
    return found && (!area || row.dataset.area === area) && row.textContent.toLowerCase().includes(text.trim().toLowerCase());
  };
  const filter = () => {
    const rows = all(".clauses tbody tr");
    [...rows, ...all("details.failure")].forEach((row) => { row.hidden = !fits(row); });
    all(".group").forEach((group) => {
      const shown = [...group.querySelectorAll("details.failure")].filter((one) => !one.hidden);
      group.hidden = !shown.length;
      const follows = group.querySelector(".follows");
      if (follows) follows.hidden = !shown.some((one) => !one.classList.contains("leader"));
    });
    const shown = rows.filter((row) => !row.hidden).length;
    form.elements.count.value = `${shown} of ${rows.length} clauses`;
  };
  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => event.preventDefault());
    all("a[data-area]").forEach((link) => link.addEventListener("click", () => {
      form.elements.area.value = link.dataset.area;
      filter();
    }));
    filter();
  }

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (form && target.closest("[hidden]")) { form.reset(); filter(); }
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    target.scrollIntoView();
    const focused = target.querySelector("summary") || target;
    if (!focused.matches("summary")) focused.tabIndex = -1;
    focused.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  let closed = [];
  addEventListener("beforeprint", () => { closed = all("details:not([open])"); closed.forEach((one) => { one.open = true; }); });
  addEventListener("afterprint", () => { closed.forEach((one) => { one.open = false; }); });
})();
