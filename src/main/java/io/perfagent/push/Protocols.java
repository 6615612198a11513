package io.perfagent.push;

import io.perfagent.push.otlp.Otlp;
import io.perfagent.push.parca.Parca;
import io.perfagent.push.pyroscope.Pyroscope;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.series.ProcessLabels;

/** The forms of requests, chosen by the store. */
final class Protocols {
    private Protocols() {}

    static Protocol of(PushTarget.Store store, ProcessLabels processes) {
        return switch (store) {
            case PARCA -> new Parca(processes);
            case PYROSCOPE -> new Pyroscope(processes);
            case OTLP -> new Otlp(processes);
        };
    }
}
