// A steward that counts nothing, to compare with: `node --import ./bench/support/without-metrics.ts …`.
import { Histogram, Histograms, Tally } from "../../src/base/metrics.ts";
import { MessageMeter } from "../../src/routing/message-meter.ts";

const nothing = (): void => {};
Tally.prototype.add = nothing;
Histogram.prototype.observe = nothing;
Histograms.prototype.observe = nothing;
MessageMeter.prototype.begin = () => 0;
MessageMeter.prototype.end = nothing;
