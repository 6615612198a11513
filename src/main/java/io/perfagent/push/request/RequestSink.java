package io.perfagent.push.request;

import java.io.IOException;

/** Takes requests one by one, so that a profile of many processes is never in memory as all of its requests. */
@FunctionalInterface
public interface RequestSink {
    /** Takes one; throws where there is no room for it. */
    void take(Request request) throws IOException;
}
