/** The real Qwen Code, spoken with over ACP, against the scripted model. */
import { REACHES, tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("qwen", {
  tokens: { input: 300, output: 30 },
  tellsExitCodes: true,
  reach: { suggest: REACHES.NONE, "full-auto": REACHES.ALL },
  longCommand: "sleep 600 # intentional-sleep: wait until the rate limit of the test is over",
});
