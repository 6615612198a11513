package io.perfagent.output;

import io.perfagent.model.Profile;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a profile as a page with its flame graph, in one file that asks for no other.
 *
 * <pre>
 *   Content-Security-Policy: nothing may be loaded, and only this script and this style count, by their hashes
 *   style, script      the same in each page: the files of the directory page, modules one behind the other
 *   data               base64 of deflate of {@link PageData}
 * </pre>
 *
 * All that is of the profile, its names among it, is in the data. Base64 has no character that HTML knows, and the script puts names into
 * the page as text only: whatever a process calls its functions, it stays a name.
 */
final class PageEncoder {
    /** In the order of their use. */
    private static final List<String> MODULES =
            List.of("reader.js", "tree.js", "search.js", "colours.js", "words.js", "flames.js", "table.js", "main.js");

    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\n");
    private static final Pattern EXPORT = Pattern.compile("(?m)^export ");
    private static final int BUFFER_BYTES = 1 << 16;

    private PageEncoder() {}

    /** Writes the page, and leaves the stream open. */
    static void write(Profile profile, OutputStream out) throws IOException {
        write(out, data -> PageData.write(profile, data));
    }

    /** Writes a page of what differs between two profiles, and leaves the stream open. */
    static void writeDifference(Profile before, Profile after, OutputStream out) throws IOException {
        write(out, data -> PageData.writeDifference(before, after, data));
    }

    private static void write(OutputStream out, Destination.Content content) throws IOException {
        String style = resource("page.css");
        String script = script();
        String page = resource("page.html")
                .replace("{{policy}}", policy(style, script))
                .replace("{{style}}", style)
                .replace("{{script}}", script);
        int data = page.indexOf("{{data}}");
        out.write(page.substring(0, data).getBytes(StandardCharsets.UTF_8));
        writeData(content, out);
        out.write(page.substring(data + "{{data}}".length()).getBytes(StandardCharsets.UTF_8));
    }

    private static void writeData(Destination.Content content, OutputStream out) throws IOException {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try (OutputStream text = Base64.getEncoder().wrap(new LeftOpen(out));
                OutputStream compressed = new DeflaterOutputStream(text, deflater, BUFFER_BYTES)) {
            content.writeTo(compressed);
        } finally {
            deflater.end();
        }
    }

    /** The modules as one: their imports are of each other only. */
    private static String script() throws IOException {
        StringBuilder script = new StringBuilder("\n");
        for (String module : MODULES) {
            String text = IMPORT.matcher(resource(module)).replaceAll("");
            script.append(EXPORT.matcher(text).replaceAll(""));
        }
        return script.toString();
    }

    private static String policy(String style, String script) {
        return "default-src 'none'; script-src '" + hash(script) + "'; style-src '" + hash(style)
                + "'; base-uri 'none'; form-action 'none'";
    }

    /** As a policy names what may run (Content Security Policy, 2.3.1). */
    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream text = PageEncoder.class.getResourceAsStream("page/" + name)) {
            return new String(present(name, text).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream present(String name, @Nullable InputStream text) throws IOException {
        if (text == null) {
            throw new IOException("this perf-agent lacks its file page/" + name);
        }
        return text;
    }

    /** What others have opened and will close. */
    private static final class LeftOpen extends FilterOutputStream {
        LeftOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
