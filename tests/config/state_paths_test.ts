/**
 * Where things are kept, against `node:path`, which the front-end does without.
 *
 * @module
 */
import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import { stateHome, statePaths } from "../../src/config/state_paths.ts";

Deno.test("stateHome spells a path as node:path resolves it", () => {
  const paths = [
    "/",
    "//srv//x/",
    "/srv/./x/../y",
    "/../..",
    "/a/b/../../../c",
    "/srv/a b/ü",
    "/srv/...",
    "/srv/x\ny",
  ];
  for (const path of paths) {
    assert.equal(stateHome({ AGENT_ASYNC_HOME: path }, "linux"), posix.resolve(path), path);
  }
});

Deno.test("stateHome spells a path of Windows as node:path resolves it", () => {
  const paths = ["C:\\", "C:/Users/../x/", "D:\\a\\\\b\\.\\c", "\\\\server\\share\\x\\..\\y", "C:\\..\\x"];
  for (const path of paths) {
    assert.equal(stateHome({ AGENT_ASYNC_HOME: path }, "windows"), win32.resolve(path), path);
  }
});

Deno.test("statePaths are directly below the state directory", () => {
  const { jobsDirectory, configFile } = statePaths("/srv/agents");
  assert.deepEqual({ jobsDirectory, configFile }, {
    jobsDirectory: "/srv/agents/jobs",
    configFile: "/srv/agents/config.json",
  });
});
