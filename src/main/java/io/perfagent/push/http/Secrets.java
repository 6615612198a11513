package io.perfagent.push.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The headers that let a request in. */
final class Secrets {
    private static final int MOST_BYTES = 64 << 10;
    private static final String TENANT = "X-Scope-OrgID";

    private Secrets() {}

    /** Names and values, one after the other. Messages name files, and nothing of what is in them. */
    static List<String> headers(Access access) throws IOException {
        List<String> headers = new ArrayList<>();
        if (access.tokenFile() != null) {
            headers.addAll(List.of("Authorization", "Bearer " + line(access.tokenFile())));
        }
        if (access.basicFile() != null) {
            byte[] pair = line(access.basicFile()).getBytes(StandardCharsets.UTF_8);
            headers.addAll(
                    List.of("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair)));
        }
        if (access.headersFile() != null) {
            for (String line : text(access.headersFile()).lines().toList()) {
                addHeader(headers, line.strip(), access.headersFile());
            }
        }
        if (!access.tenant().isEmpty()) {
            headers.addAll(List.of(TENANT, access.tenant()));
        }
        return headers;
    }

    /** Whether a text repeats one of the headers' values, or a word of it; of basic authorization the password, too. */
    static boolean areIn(String text, List<String> headers) {
        for (int at = 1; at < headers.size(); at += 2) {
            String[] words = headers.get(at).split("\\s+", -1);
            String last = words[words.length - 1];
            if (headers.get(at - 1).equals(TENANT)) {
                continue;
            }
            boolean basic = words.length == 2 && words[0].equals("Basic");
            if (isIn(text, last) || (basic && isIn(text, password(last)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIn(String text, String secret) {
        return !secret.isEmpty() && text.contains(secret);
    }

    private static String password(String encoded) {
        String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        return pair.substring(pair.indexOf(':') + 1);
    }

    private static void addHeader(List<String> headers, String line, Path file) throws IOException {
        int colon = line.indexOf(':');
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        if (colon < 1) {
            throw new IOException(file + " has a line that is no header: write Name: value");
        }
        headers.addAll(List.of(
                line.substring(0, colon).strip(), line.substring(colon + 1).strip()));
    }

    private static String line(Path file) throws IOException {
        String text = text(file).strip();
        if (text.isEmpty() || text.codePoints().anyMatch(c -> c < ' ' || c >= 0x7f)) {
            throw new IOException(file + " holds no secret of one line of ASCII");
        }
        return text;
    }

    private static String text(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is no file that can be read");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        }
    }
}
