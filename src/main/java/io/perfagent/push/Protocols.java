package io.perfagent.push;

import io.perfagent.push.otlp.Otlp;
import io.perfagent.push.parca.Parca;
import io.perfagent.push.pyroscope.Pyroscope;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.series.ProcessLabels;

/** The forms of requests, chosen by the store. */
final class Protocols {
    private Protocols() {}

    static Protocol of(PushTarget target, ProcessLabels processes) {
        return switch (target.store()) {
            case PARCA -> new Parca(processes, target.grpc());
            case PYROSCOPE -> new Pyroscope(processes);
            case OTLP -> new Otlp(processes, target.grpc());
        };
    }
}
