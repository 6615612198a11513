package io.perfagent.bpf;

/** libbpf is not installed. */
public final class LibbpfMissingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LibbpfMissingException(Throwable cause) {
        super("libbpf.so.1 not found: install libbpf (Debian, Ubuntu: apt-get install libbpf1; Fedora: libbpf)", cause);
    }
}
