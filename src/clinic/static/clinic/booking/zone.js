// Says so if the device is set to another place; times are never converted here.
const line = document.querySelector("[data-zone]");
const said = line?.querySelector("[data-elsewhere]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (said && here && here !== line.dataset.zone && here !== "UTC") {
  const city = here.split("/").pop().replaceAll("_", " ");
  said.textContent = ` Your device is set to ${city}. These times are still ${line.dataset.city} time.`;
}
