// The page: a sheet for a digit, a sheet for a number, a picture; beside them what was read.

import { verdict } from "./answer.js";
import * as api from "./api.js";
import { Asker } from "./asker.js";
import { say, startLanguage, whenSpoken } from "./language.js";
import { forgetPicture, showPicture, takePictures } from "./picture.js";
import { Sheet } from "./sheet.js";
import { startTabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { View, blankState } from "./view.js";

const $ = (id) => document.getElementById(id);

/** A sheet whose strokes are read as they are written. */
function writing(mode, form, route) {
  const asker = new Asker(async (signal) => api.read(route, [sheet.picture()], signal), {
    answer: (records, started) => {
      view.update(mode, { records, chosen: -1, refusal: null });
      view.announce(toldOf(records[0]));
      performance.measure("answer", { start: started });
    },
    refusal: (refusal) => view.update(mode, { refusal }),
  });
  const sheet = new Sheet($(mode), form, {
    change: (penIsUp) => {
      if (!sheet.empty) return asker.changed(penIsUp);
      asker.stop();
      view.update(mode, blankState());
      view.announce(say("nothingYet"));
    },
    pen: (down) => view.announce(say(down ? "penDown" : "penUp")),
  });
  return sheet;
}

function toldOf(record) {
  if ("lines" in record) return record.text || say("nothing");
  return `${record.label ?? ""} ${verdict(record)}`;
}

let reading = new AbortController();

async function readFiles(files) {
  openTab("picture");
  reading.abort();
  const { signal } = (reading = new AbortController());
  showPicture($("picture"), files[0], null);
  view.update("picture", { ...blankState(), waiting: true });
  try {
    const records = await readInTurn(files, signal);
    const filesOfRecords = filesOf(records, files);
    showPicture($("picture"), filesOfRecords[0], records[0]);
    view.update("picture", { records, files: filesOfRecords, waiting: false, refusal: null });
    view.announce(`${say("answer")}: ${toldOf(records[0])}`);
  } catch (refusal) {
    if (!signal.aborted) view.update("picture", { refusal, waiting: false });
  }
}

/** The records of files, asked for again as long as the server has too much to do. */
async function readInTurn(files, signal) {
  for (;;) {
    try {
      return await api.read("read", files, signal);
    } catch (refusal) {
      if (refusal.status !== 503 || signal.aborted) throw refusal;
      view.update("picture", { refusal });
      await new Promise((resolve) => setTimeout(resolve, 1000 * refusal.retryAfter_s));
    }
  }
}

/** For each record the file that it is of: a document has several. */
function filesOf(records, files) {
  let file = -1;
  return records.map(({ source }) => {
    const later = /#(\d+)$/.exec(source);
    if (!later || later[1] === "1") file = Math.min(file + 1, files.length - 1);
    return files[file];
  });
}

function forget() {
  reading.abort();
  forgetPicture($("picture"));
  view.update("picture", blankState());
  $("file").focus();
}

const view = new View(() => digitSheet.picture());
const digitSheet = writing("digit", { name: "sheetDigit", pen: 0.06, picture_px: 280 }, "read-digit");
writing("number", { name: "sheetNumber", pen: 0.05, picture_px: 280 }, "read");
takePictures($("picture"), readFiles, forget);
const openTab = startTabs(document.querySelector("[role=tablist]"), (mode) => view.open(mode));
startLanguage();
startTheme($("theme"));
openTab("digit");
whenSpoken(() => view.show());

try {
  const told = await api.about();
  view.keepsCorrections = told.keeps_corrections;
  $("about").textContent = `sonsu ${told.version} · ${told.model.name}`;
  whenSpoken(() => ($("private").textContent = say(told.keeps_corrections ? "privateKept" : "private")));
  view.show();
} catch (refusal) {
  for (const mode of ["digit", "number", "picture"]) view.update(mode, { refusal });
}
