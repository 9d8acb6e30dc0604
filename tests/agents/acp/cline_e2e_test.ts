/** The real Cline CLI, spoken with over ACP, against the scripted model. */
import { tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("cline");
