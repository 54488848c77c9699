"use strict";

/* The map above the list: clusters and stations as the server answers for the window, on a sketch or on tiles.
   Web Mercator as the tiles have it: x and y run from 0 to 1 over the world, the scale is 256 · 2^zoom pixels. */
(() => {
  const part = document.getElementById("map");
  if (!part || !window.fetch) return;

  const SVG = "http://www.w3.org/2000/svg";
  const TILE = 256;
  const LEAST = 3;
  const MOST = 18;
  const FINGER = 44;
  const EDGE = 28; // pixels: what is fitted lies so far inside that its marks are whole
  const view = part.querySelector(".map-view");
  const tiles = part.querySelector(".map-tiles");
  const sketch = part.querySelector(".map-sketch");
  const marks = part.querySelector(".map-marks");
  const list = part.querySelector(".map-list");
  const total = part.querySelector(".map-total");
  const words = part.dataset;

  // --- The projection ---

  const toX = (lng) => lng / 360 + 0.5;
  const toY = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  const toLng = (x) => (x - 0.5) * 360;
  const toLat = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
  const within = (value, least, most) => Math.min(Math.max(value, least), most);

  const middle = { x: 0.5, y: 0.5 };
  let zoom = 5;
  let size = { width: 0, height: 0 };
  let outlines = [];
  let placed = []; // [mark, latitude, longitude]

  const scale = () => TILE * 2 ** zoom;
  const left = (x) => (x - middle.x) * scale() + size.width / 2;
  const top = (y) => (y - middle.y) * scale() + size.height / 2;
  const edges = () => {
    const halfX = size.width / 2 / scale();
    const halfY = size.height / 2 / scale();
    return [toLng(middle.x - halfX), toLat(middle.y + halfY), toLng(middle.x + halfX), toLat(middle.y - halfY)];
  };

  const fit = ([west, south, east, north], least = LEAST) => {
    middle.x = (toX(west) + toX(east)) / 2;
    middle.y = (toY(south) + toY(north)) / 2;
    const room = (extent) => Math.max(extent - 2 * EDGE, FINGER) / TILE;
    const wide = Math.log2(room(size.width) / Math.max(toX(east) - toX(west), 1e-6));
    const high = Math.log2(room(size.height) / Math.max(toY(south) - toY(north), 1e-6));
    zoom = within(Math.floor(Math.min(wide, high)), least, MOST);
  };

  // --- The view in the address, so that "back" from a station finds it again ---

  const asHash = () => `#map=${zoom}/${toLat(middle.y).toFixed(5)}/${toLng(middle.x).toFixed(5)}`;
  const fromHash = () => {
    const stated = /^#map=(\d+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(window.location.hash)?.slice(1).map(Number);
    if (!stated || !stated.every(Number.isFinite) || Math.abs(stated[1]) > 85) return false;
    zoom = within(stated[0], LEAST, MOST);
    middle.y = toY(stated[1]);
    middle.x = toX(stated[2]);
    return true;
  };

  // --- Drawing ---

  const shape = (name, attributes, text = "") => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  const drawSketch = () => {
    const [west, south, east, north] = edges();
    const step = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005].find((s) => (east - west) / s >= 4) ?? 0.002;
    const drawn = [];
    for (let lng = Math.ceil(west / step) * step; lng < east; lng += step) {
      drawn.push(shape("line", { x1: left(toX(lng)), x2: left(toX(lng)), y1: 0, y2: size.height }));
    }
    for (let lat = Math.ceil(south / step) * step; lat < north; lat += step) {
      drawn.push(shape("line", { x1: 0, x2: size.width, y1: top(toY(lat)), y2: top(toY(lat)) }));
    }
    for (const { name, ring } of outlines) {
      const points = ring.map(([lng, lat]) => [left(toX(lng)), top(toY(lat))]);
      drawn.push(shape("path", { d: `M${points.map((point) => point.join(" ")).join("L")}Z` }));
    }
    sketch.replaceChildren(...drawn, names);
  };

  const names = shape("g", {});
  const boxAround = (x, y, width, height) => [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  const clear = (one, other) => one[2] < other[0] || other[2] < one[0] || one[3] < other[1] || other[3] < one[1];

  // A district's name stands in its middle, or else at a corner of its outline or beside the mark in its middle: where
  // neither a mark nor another name is, or nowhere.
  const nameDistricts = () => {
    const taken = [...marks.children].map((mark) =>
      boxAround(parseFloat(mark.style.left), parseFloat(mark.style.top), Math.max(mark.offsetWidth, FINGER), FINGER),
    );
    const drawn = [];
    for (const { name, ring } of outlines) {
      const points = ring.map(([lng, lat]) => [left(toX(lng)), top(toY(lat))]);
      const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
      const width = [...name].reduce((sum, letter) => sum + (letter > "\u2e80" ? 16 : 8), 8);
      const places = [
        [x, y],
        ...points.map(([cornerX, cornerY]) => [cornerX, cornerY + (cornerY < y ? -14 : 14)]),
        ...points.map(([cornerX, cornerY]) => [cornerX + (cornerX < x ? -1 : 1) * (width / 2 + 4), cornerY]),
        [x, y + 34],
        [x, y - 34],
      ].map((place) => ({ place, box: boxAround(...place, width, 20) }));
      const free = places.find(
        ({ box }) =>
          box[0] > 0 && box[1] > 0 && box[2] < size.width && box[3] < size.height && taken.every((other) => clear(box, other)),
      );
      if (!free) continue;
      taken.push(free.box);
      drawn.push(shape("text", { x: free.place[0], y: free.place[1] + 5 }, name));
    }
    names.replaceChildren(...drawn);
  };

  const drawTiles = () => {
    const count = 2 ** zoom;
    const drawn = [];
    const first = (at, extent) => Math.floor((at - extent / 2 / scale()) * count);
    const last = (at, extent) => Math.floor((at + extent / 2 / scale()) * count);
    for (let x = first(middle.x, size.width); x <= last(middle.x, size.width); x += 1) {
      for (let y = Math.max(first(middle.y, size.height), 0); y <= Math.min(last(middle.y, size.height), count - 1); y += 1) {
        const image = new Image();
        image.alt = "";
        image.src = words.tiles.replace("{z}", zoom).replace("{x}", ((x % count) + count) % count).replace("{y}", y);
        image.style.left = `${left(x / count)}px`;
        image.style.top = `${top(y / count)}px`;
        drawn.push(image);
      }
    }
    tiles.replaceChildren(...drawn);
  };

  const drawMarks = () => {
    for (const [mark, lat, lng] of here ? [here, ...placed] : placed) {
      mark.style.left = `${left(toX(lng))}px`;
      mark.style.top = `${top(toY(lat))}px`;
    }
  };

  // --- Marks ---

  const clusterMark = ({ count, box, lat, lng }) => {
    const mark = document.createElement("button");
    mark.type = "button";
    mark.textContent = count;
    mark.setAttribute("aria-label", words.many.replace("{count}", count));
    mark.addEventListener("click", () => {
      fit(box, Math.min(zoom + 1, MOST));
      show();
      view.focus();
    });
    return [mark, lat, lng];
  };

  const hereMark = ([lat, lng]) => {
    const mark = document.createElement("span");
    mark.className = "here";
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", words.hereSaid);
    return [mark, lat, lng];
  };
  const here = words.here ? hereMark(words.here.split(",").map(Number)) : null;

  // Metres as the crow flies, on a sphere; exact enough for a walk.
  const metresFromHere = ({ lat, lng }) => {
    const across = (lng - here[2]) * Math.cos((here[1] * Math.PI) / 180);
    return Math.hypot(lat - here[1], across) * 111195;
  };
  const distance = (station) => {
    const metres = metresFromHere(station);
    if (metres < 975) return words.metres.replace("{count}", Math.max(50, Math.round(metres / 50) * 50));
    return words.kilometres.replace("{count}", (metres / 1000).toFixed(1));
  };

  const stationMark = ({ url, name, said, state, lat, lng }) => {
    const mark = document.createElement("a");
    mark.href = url;
    mark.className = `one ${state}`;
    mark.setAttribute("aria-label", `${name} ${said}`);
    mark.title = name;
    return [mark, lat, lng];
  };

  // A station's line in the list and its mark, or the mark it has gone into, point at one another.
  const lineOf = (station, mark) => {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.className = "tap";
    link.href = station.url;
    link.textContent = station.name;
    const about = document.createElement("p");
    about.textContent = [station.said, here ? distance(station) : "", station.kind].filter(Boolean).join(" · ");
    line.append(link, about);
    for (const [from, to] of [[mark, line], [line, mark]]) {
      for (const begun of ["mouseenter", "focusin"]) from.addEventListener(begun, () => to.classList.add("marked"));
      for (const over of ["mouseleave", "focusout"]) from.addEventListener(over, () => to.classList.remove("marked"));
    }
    return line;
  };

  // What would lie under one finger becomes one mark; at the deepest scale every station has its own.
  const together = (groups) => {
    const kept = [];
    for (const group of groups) {
      const near = kept.find(
        (other) => Math.hypot(left(toX(other.lng)) - left(toX(group.lng)), top(toY(other.lat)) - top(toY(group.lat))) < FINGER,
      );
      if (!near || zoom === MOST) {
        kept.push({ ...group });
        continue;
      }
      const count = near.count + group.count;
      for (const axis of ["lat", "lng"]) near[axis] = (near[axis] * near.count + group[axis] * group.count) / count;
      near.box = [0, 1, 2, 3].map((edge) => (edge < 2 ? Math.min : Math.max)(near.box[edge], group.box[edge]));
      near.stations = [...near.stations, ...group.stations];
      near.count = count;
    }
    return kept.length === groups.length ? kept : together(kept);
  };

  const showAnswer = (answer) => {
    const alone = answer.stations.map((station) => {
      const { lat, lng } = station;
      return { lat, lng, count: 1, box: [lng, lat, lng, lat], stations: [station] };
    });
    const groups = together([...answer.clusters.map((cluster) => ({ ...cluster, stations: [] })), ...alone]);
    placed = groups.map((group) => (group.count === 1 ? stationMark(group.stations[0]) : clusterMark(group)));
    marks.replaceChildren(...(here ? [here, ...placed] : placed).map(([mark]) => mark));
    drawMarks();
    nameDistricts();
    const alike = groups.flatMap((group, place) => group.stations.map((station) => [station, placed[place][0]]));
    if (here) alike.sort(([one], [other]) => metresFromHere(one) - metresFromHere(other));
    list.replaceChildren(...alike.map(([station, mark]) => lineOf(station, mark)));
    if (answer.clusters.length) {
      const hint = document.createElement("li");
      hint.textContent = words.closer;
      list.append(hint);
    }
    total.textContent = words.total.replace("{count}", answer.total);
    showPage(false);
  };

  // The map has a list of its own; the page's stays for who has no script or no map, and where it says why it is empty.
  const showPage = (shown) => {
    const found = document.querySelector(".found .cards")?.closest(".found");
    for (const part of [found, document.querySelector(".pages")]) if (part) part.hidden = !shown;
  };

  const draw = () => {
    if (words.tiles) drawTiles();
    drawSketch();
    drawMarks();
    nameDistricts();
  };

  // --- Asking the server ---

  let waiting = 0;
  let asking = null;

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const box = edges().map((edge) => edge.toFixed(4)).join(",");
    const address = `${words.answers}?bbox=${box}&zoom=${zoom}${words.asked ? `&${words.asked}` : ""}`;
    try {
      const response = await fetch(address, { signal: asking.signal, credentials: "same-origin" });
      if (!response.ok) throw new Error(response.statusText);
      showAnswer(await response.json());
    } catch (error) {
      if (error.name === "AbortError") return;
      total.textContent = words.failed;
      list.replaceChildren();
      showPage(true);
    }
  };

  const show = () => {
    middle.x = within(middle.x, 0, 1);
    middle.y = within(middle.y, 0, 1);
    draw();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      history.replaceState(history.state, "", asHash());
      ask();
    }, 150);
  };

  const change = (levels) => {
    zoom = within(zoom + levels, LEAST, MOST);
    show();
  };

  const move = (across, down) => {
    middle.x += across / scale();
    middle.y += down / scale();
    show();
  };

  const start = words.start.split(",").map(Number);
  const whole = () => {
    fit(words.whole.split(",").map(Number));
    show();
  };

  // --- Keys, fingers, buttons ---

  const KEYS = {
    ArrowLeft: () => move(-80, 0),
    ArrowRight: () => move(80, 0),
    ArrowUp: () => move(0, -80),
    ArrowDown: () => move(0, 80),
    "+": () => change(1),
    "=": () => change(1),
    "-": () => change(-1),
    0: whole,
  };
  view.addEventListener("keydown", (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  for (const [name, action] of [["closer", () => change(1)], ["farther", () => change(-1)], ["whole", whole]]) {
    part.querySelector(`[data-do=${name}]`).addEventListener("click", action);
  }

  // One finger up or down scrolls the page (touch-action: pan-y), sideways it moves the map; two fingers move it every
  // way and change the scale.
  const fingers = new Map();
  let apart = 0;
  let begun = null;
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.target.closest("a, button")) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    view.setPointerCapture(event.pointerId);
    if (fingers.size === 1) begun = { ...middle };
    if (fingers.size === 2) apart = spread();
  });
  view.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    move((before.x - event.clientX) / fingers.size, (before.y - event.clientY) / fingers.size);
    if (fingers.size === 2 && apart && Math.abs(Math.log2(spread() / apart)) > 0.6) {
      change(spread() > apart ? 1 : -1);
      apart = spread();
    }
  });
  view.addEventListener(
    "touchmove",
    (event) => {
      if (event.touches.length > 1 && event.cancelable) event.preventDefault();
    },
    { passive: false },
  );
  for (const over of ["pointerup", "pointercancel"]) {
    view.addEventListener(over, (event) => fingers.delete(event.pointerId));
  }
  // The finger scrolls the page after all: what it moved the map before that was known is taken back.
  view.addEventListener("pointercancel", () => {
    if (!begun || fingers.size) return;
    Object.assign(middle, begun);
    show();
  });
  view.addEventListener("dblclick", (event) => {
    if (!event.target.closest("a, button")) change(1);
  });

  new ResizeObserver(() => {
    const { width, height } = view.getBoundingClientRect();
    const first = !size.width;
    size = { width, height };
    if (!width) return;
    if (first && !fromHash()) fit(start);
    show();
  }).observe(view);

  part.hidden = false;
  fetch(words.sketch)
    .then((response) => response.json())
    .then((found) => {
      outlines = found.outlines;
      drawSketch();
      nameDistricts();
    })
    .catch(() => {}); // the map is whole without its sketch
})();
