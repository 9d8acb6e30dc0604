/** The real GitHub Copilot CLI, spoken with over ACP, against the scripted model. */
import { REACHES, tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("copilot", {
  tokens: { input: 300, output: 30 },
  tellsExitCodes: true,
  reach: {
    suggest: REACHES.NONE,
    "full-auto": REACHES.ALL,
  },
});
