package io.perfagent.safety;

/**
 * Something that happened to a target, or to us, and must not.
 *
 * @param where the workload or the surroundings
 * @param words in one line
 */
record Harm(Kind kind, String where, String words) {
    /** The columns of the table. */
    enum Kind {
        /** The target ended as it should not have. */
        DEATH("deaths"),
        /** The target does not go on. */
        HANG("hangs"),
        /** A result differs. */
        DIGEST("wrong digests"),
        /** A signal was lost, came twice or out of turn. */
        SIGNAL("signals lost or doubled"),
        /** A wait returned early or with an error. */
        TIME("early returns"),
        /** A register changed. */
        STATE("registers changed"),
        /** A file of the target's was written or closed, or another interpreter switched. */
        FOREIGN("foreign things touched"),
        /** The target printed what its program does not. */
        PRINTED("lines printed"),
        /** A thread is stopped or traced when nobody does anything to it. */
        LEFT("left stopped or traced"),
        /** An outcome without a reason, or with a wrong one. */
        OUTCOME("wrong outcomes");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }

        /** Of what a target calls its fault. */
        static Kind named(String word) {
            return switch (word) {
                case "digest" -> DIGEST;
                case "signal" -> SIGNAL;
                case "time" -> TIME;
                case "state" -> STATE;
                case "foreign" -> FOREIGN;
                default -> throw new IllegalArgumentException(word);
            };
        }
    }

    @Override
    public String toString() {
        return kind.label() + ": " + where + ": " + words;
    }
}
