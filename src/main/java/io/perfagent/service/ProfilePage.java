package io.perfagent.service;

import io.perfagent.model.Format;
import io.perfagent.model.Profile;
import io.perfagent.output.Encoder;
import io.perfagent.service.HttpService.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code /profile?pid=N&seconds=S}: a process from now on for so long, as pprof; as Go's net/http/pprof has it, but of any process. */
final class ProfilePage implements HttpService.Page {
    static final int LONGEST_SECONDS = 300;
    /** Go's. */
    private static final String USUAL_SECONDS = "30";

    private static final int GRACE_SECONDS = 40;

    private final ProcessProfiles profiles;

    ProfilePage(ProcessProfiles profiles) {
        this.profiles = profiles;
    }

    @Override
    public Answer answer(Map<String, String> query) throws InterruptedException {
        int pid = number(query.getOrDefault("pid", ""), Integer.MAX_VALUE);
        int seconds = number(query.getOrDefault("seconds", USUAL_SECONDS), LONGEST_SECONDS);
        if (pid < 1) {
            return Answer.text(400, "give a process: /profile?pid=4711&seconds=5\n");
        }
        if (seconds < 1) {
            return Answer.text(400, "seconds: give a whole number of them, 1 to " + LONGEST_SECONDS + "\n");
        }
        if (!Files.isDirectory(Path.of("/proc", Integer.toString(pid)))) {
            return Answer.text(404, "there is no process " + pid + "\n");
        }
        Future<Profile> profile = profiles.ask(pid, Duration.ofSeconds(seconds));
        if (profile == null) {
            return new Answer(
                    503,
                    "text/plain; charset=utf-8",
                    "as many profiles are being taken as may be: ask again later\n".getBytes(StandardCharsets.UTF_8),
                    Map.of("Retry-After", Integer.toString(seconds)));
        }
        return answer(profile, seconds);
    }

    /** 0 where it is none. */
    private static int number(String text, int largest) {
        return text.matches("\\d{1,9}") && Integer.parseInt(text) <= largest ? Integer.parseInt(text) : 0;
    }

    private static Answer answer(Future<Profile> profile, int seconds) throws InterruptedException {
        try {
            return answer(profile.get(seconds + GRACE_SECONDS, TimeUnit.SECONDS));
        } catch (CancellationException _) {
            return Answer.text(503, "the run has ended\n");
        } catch (TimeoutException _) {
            boolean _ = profile.cancel(false);
            return Answer.text(503, "the run samples nothing at the moment\n");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer answer(Profile profile) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            Encoder.of(Format.PPROF).write(profile, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Answer(
                200,
                "application/octet-stream",
                bytes.toByteArray(),
                Map.of("Content-Disposition", "attachment; filename=\"profile.pb.gz\""));
    }
}
