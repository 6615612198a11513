package io.perfagent.push;

import io.perfagent.push.http.Access;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where profiles are sent, as it is written behind {@code --push}:
 *
 * <pre>
 *   parca+http://127.0.0.1:7070
 *   otlp+https://collector.shop.example:4318,ca=/etc/ssl/shop.pem,token-file=/run/secrets/otlp
 *   otlp+grpc://127.0.0.1:4317
 *   pyroscope+https://profiles.example,basic-file=/run/secrets/pyroscope,tenant=shop
 * </pre>
 *
 * What lets us in belongs to one address and is sent to no other.
 *
 * @param base without a slash at its end
 */
public record PushTarget(Store store, URI base, Access access) {
    private static final Set<String> PARAMETERS = Set.of("ca", "token-file", "basic-file", "headers-file", "tenant");
    private static final int HIGHEST_PORT = 65_535;

    /** Whose forms of requests there are. */
    public enum Store {
        PARCA,
        PYROSCOPE,
        OTLP;

        private static @Nullable Store named(String name) {
            for (Store store : values()) {
                if (store.label().equals(name)) {
                    return store;
                }
            }
            return null;
        }

        /** As in {@code --push}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reads one. Throws {@link IllegalArgumentException}, whose message says what to write and nothing that might be a secret. */
    public static PushTarget parse(String text) {
        String[] parts = text.split(",", -1);
        int plus = parts[0].indexOf('+');
        Store store = plus < 0 ? null : Store.named(parts[0].substring(0, plus));
        if (store == null) {
            throw new IllegalArgumentException(
                    "no store that there is: write parca+https://host:7070, pyroscope+https://host:4040 or otlp+https://host:4318");
        }
        Access access = access(parts);
        PushTarget target = new PushTarget(store, base(parts[0].substring(plus + 1), access), access);
        if (target.grpc() && store == Store.PYROSCOPE) {
            throw new IllegalArgumentException("pyroscope is not spoken to by gRPC: write pyroscope+https://host:4040");
        }
        return target;
    }

    /** Whether it is spoken to by gRPC, over HTTP/2. */
    boolean grpc() {
        return String.valueOf(base.getScheme()).startsWith("grpc");
    }

    private static URI base(String address, Access access) {
        URI uri = uri(address);
        String scheme = String.valueOf(uri.getScheme());
        boolean plain = scheme.equals("http") || scheme.equals("grpc");
        if (uri.getHost() == null || !(plain || scheme.equals("https") || scheme.equals("grpcs"))) {
            throw new IllegalArgumentException(
                    "no address that is known: write http://, https://, grpc:// or grpcs:// and a host behind the + sign");
        }
        if (uri.getPort() == 0 || uri.getPort() > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "an address whose port is none: write 1 to " + HIGHEST_PORT + " behind the host");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "the address holds more than a host, a port and a path: a secret belongs into a file, as in ,token-file=/run/secrets/token");
        }
        if (plain && access.hasSecrets() && !isThisMachine(uri.getHost())) {
            throw new IllegalArgumentException(
                    "a secret would go over the network without TLS: write https:// or grpcs://, with ,ca=FILE for authorities of your own");
        }
        return URI.create(address.replaceFirst("/+$", ""));
    }

    private static URI uri(String address) {
        try {
            return new URI(address);
        } catch (URISyntaxException _) { // its message has all of it
            throw new IllegalArgumentException("no address: write one such as parca+https://host:7070");
        }
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost")
                || ((host.matches("[\\d.]+") || host.startsWith("["))
                        && InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", ""))
                                .isLoopbackAddress());
    }

    private static Access access(String... parts) {
        Map<String, String> given = new HashMap<>();
        for (int at = 1; at < parts.length; at++) {
            int equals = parts[at].indexOf('=');
            String name = equals < 0 ? parts[at] : parts[at].substring(0, equals);
            if (equals < 0 || !PARAMETERS.contains(name) || equals == parts[at].length() - 1) {
                throw new IllegalArgumentException(
                        "behind a comma comes one of ca=FILE, token-file=FILE, basic-file=FILE, headers-file=FILE, tenant=NAME");
            }
            if (given.put(name, parts[at].substring(equals + 1)) != null) {
                throw new IllegalArgumentException(name + " is given twice: give it once");
            }
        }
        String tenant = given.getOrDefault("tenant", "");
        if (!tenant.matches("[A-Za-z0-9!_.*'()|-]{0,150}")) {
            throw new IllegalArgumentException(
                    "the tenant has characters that none may have: write letters, digits, - and _");
        }
        if (given.containsKey("token-file") && given.containsKey("basic-file")) {
            throw new IllegalArgumentException("token-file and basic-file are two ways to be let in: give one");
        }
        return new Access(
                path(given.get("ca")),
                path(given.get("token-file")),
                path(given.get("basic-file")),
                path(given.get("headers-file")),
                tenant);
    }

    private static @Nullable Path path(@Nullable String name) {
        return name == null ? null : Path.of(name);
    }

    /** For people and for labels: the store and its address. */
    public String label() {
        return store.label() + "+" + base;
    }

    /** The same, told apart from other tenants of the store. */
    public String name() {
        return access.tenant().isEmpty() ? label() : label() + "," + access.tenant();
    }

    /** As the name of a directory. */
    String directoryName() {
        String readable = label().replaceAll("[^A-Za-z0-9.-]+", "-");
        String shortened = readable.length() <= 80 ? readable : readable.substring(0, 80);
        return shortened + "-" + Integer.toHexString(name().hashCode());
    }
}
