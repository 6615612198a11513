/** A Linux CPU profiler: in-kernel stack walking over call-frame information, Python names, pprof output. */
@org.jspecify.annotations.NullMarked
module io.perfagent {
    requires static org.jspecify;
    requires jdk.unsupported; // sun.misc.Signal
    requires jdk.httpserver;
    requires info.picocli;
    requires com.google.protobuf;
    requires io.opentelemetry.proto;
    requires java.net.http;
    requires org.tukaani.xz;
    requires org.apache.httpcomponents.core5.httpcore5;
    requires org.apache.httpcomponents.core5.httpcore5.h2;
    requires org.tomlj;
    requires org.jline.terminal;
    requires org.jline.terminal.ffm;

    exports io.perfagent.api;

    opens io.perfagent.cli to
            info.picocli;
}
