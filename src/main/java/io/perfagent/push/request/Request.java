package io.perfagent.push.request;

/**
 * A request of HTTP without what it needs to be let in: secrets are added when it is sent, and are in no file.
 *
 * @param path below the store's address, {@code /api/profiles/writeraw}
 * @param contentType of the body
 * @param encoding {@code gzip}, or {@code ""} for a body as it is
 * @param profiles how many profiles are lost with it
 */
@SuppressWarnings("ArrayRecordComponent") // moved, compared by none
public record Request(String path, String contentType, String encoding, int profiles, byte[] body) {}
