package io.perfagent.push.http;

import io.perfagent.push.request.Request;
import java.io.IOException;
import java.net.URI;
import java.util.Map;

/**
 * The way to a store, for one burst of requests at most: a connection that is kept longer may have been closed by the other side, and what is written
 * there has no known fate. Redirects are not followed, for they might lead what lets us in to somebody else; certificates and names of hosts are
 * always checked.
 */
public sealed interface Endpoint extends AutoCloseable permits HttpEndpoint, GrpcEndpoint {
    /**
     * By the scheme {@code http}, {@code https}, {@code grpc} or {@code grpcs}. Throws where the file with authorities cannot be read. Nothing is
     * sent yet.
     *
     * @param headers of each request
     */
    static Endpoint open(URI base, Access access, Map<String, String> headers) throws IOException {
        return String.valueOf(base.getScheme()).startsWith("grpc")
                ? GrpcEndpoint.open(base, access)
                : HttpEndpoint.open(base, access, headers);
    }

    /** Sends a request and waits for what becomes of it. */
    Outcome send(Request request);

    /** Ends connections; what is under way is given up. */
    @Override
    void close();
}
