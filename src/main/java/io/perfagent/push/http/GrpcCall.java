package io.perfagent.push.http;

import java.io.IOException;
import java.time.Duration;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http2.H2Error;
import org.apache.hc.core5.http2.H2StreamResetException;

/** A call, which knows whether anything of its message was sent. */
final class GrpcCall extends BasicRequestProducer {
    private static final Outcome.Why CLOSED = Outcome.Why.of(
            "the connection was closed before the call was looked at: gRPC may not be spoken there, or not so, grpc:// and grpcs://");

    private volatile boolean sent;

    GrpcCall(HttpRequest request, AsyncEntityProducer message) {
        super(request, message);
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
        sent = true; // who has not seen the message has taken nothing
        super.produce(channel);
    }

    /** What a failure means: HTTP/2 says of some calls that they were not looked at. */
    Outcome outcome(Throwable failure) {
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RequestNotExecutedException) {
            return new Outcome.Later(CLOSED, Duration.ZERO, false);
        }
        boolean refused =
                failure instanceof H2StreamResetException reset && reset.getCode() == H2Error.REFUSED_STREAM.getCode();
        return !sent || refused
                ? new Outcome.Later(Answers.why(failure), Duration.ZERO, false)
                : new Outcome.Unconfirmed(Answers.why(failure));
    }
}
