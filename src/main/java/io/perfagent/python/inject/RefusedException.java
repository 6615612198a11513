package io.perfagent.python.inject;

/** Ends an injection from within; where it is caught it becomes a result. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final InjectRefusal refusal;

    public RefusedException(InjectRefusal refusal, String detail) {
        super(detail);
        this.refusal = refusal;
    }

    public InjectRefusal refusal() {
        return refusal;
    }

    /** In one line. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
