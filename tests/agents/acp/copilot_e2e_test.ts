/** The real GitHub Copilot CLI, spoken with over ACP, against the scripted model. */
import { tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("copilot");
