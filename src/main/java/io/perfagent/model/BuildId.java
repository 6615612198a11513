package io.perfagent.model;

/**
 * A build id: the note that identifies one build of one binary.
 *
 * @param hex lower-case hexadecimal digits, two a byte
 */
public record BuildId(String hex) {
    @Override
    public String toString() {
        return hex;
    }
}
