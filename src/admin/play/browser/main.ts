import "./no-eval.ts";
import { openPage } from "./page.ts";
import { Playground } from "./playground.ts";

new Playground(openPage()).start();
