/** What a host's own variables say of its starts holds, whatever the daemon was started with. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("caps in the caller's variables hold beside the configuration's, and its defaults for its own starts", async () => {
  await using harness = await LocalHarness.start({ max_approval_policy: "auto-edit" });
  const { env, cwd } = harness.state;
  const start = (
    variables: Record<string, string>,
    over: { approval_policy?: "suggest" | "auto-edit" } = {},
  ) => harness.run("say x", { ...over, origin: { env: { ...env, ...variables }, session: "test" } });
  const policyOf = async (variables: Record<string, string>) =>
    (await harness.ended((await start(variables)).job_id)).approval_policy;
  const MAX = "AGENT_ASYNC_MAX_APPROVAL_POLICY";

  assert.equal(await policyOf({ [MAX]: "suggest" }), "suggest");
  // It narrows what the configuration allows and never widens it.
  assert.equal(
    await policyOf({ [MAX]: "full-auto", AGENT_ASYNC_DEFAULT_APPROVAL_POLICY: "full-auto" }),
    "auto-edit",
  );
  assert.equal(await policyOf({ AGENT_ASYNC_DEFAULT_APPROVAL_POLICY: "suggest" }), "suggest");
  assert.equal(await policyOf({ [MAX]: "", AGENT_ASYNC_DEFAULT_APPROVAL_POLICY: "${POLICY}" }), "auto-edit");
  await assert.rejects(start({ [MAX]: "suggest" }, { approval_policy: "auto-edit" }), {
    code: "invalid_argument",
    message: /auto-edit is more than max_approval_policy \(suggest\)/,
  });
  await assert.rejects(start({ AGENT_ASYNC_ALLOWED_ROOTS: "/somewhere:/else" }), {
    code: "invalid_argument",
    message: /is outside of allowed_roots \(\/somewhere, \/else\)/,
  });
  await harness.ended((await start({ AGENT_ASYNC_ALLOWED_ROOTS: cwd })).job_id);
  await assert.rejects(start({ [MAX]: "yolo" }), {
    code: "config_invalid",
    message: /^AGENT_ASYNC_MAX_APPROVAL_POLICY: max_approval_policy: must be one of /,
  });

  const { job_id } = await start({});
  await harness.ended(job_id);
  await assert.rejects(
    harness.service.reply({
      job_id,
      prompt: "say y",
      origin: { env: { ...env, [MAX]: "suggest" }, session: "test" },
    }),
    { code: "invalid_argument" },
  );
});
