package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Command lines of services as they are met, a blank for each NUL. */
class CommandLineTest {
    private static Set<String> names(String... arguments) {
        return CommandLine.parse(String.join("\0", arguments) + "\0").names();
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/bin/python3 /usr/bin/gunicorn shop:app, python3;gunicorn",
        "python3.12 -X dev -W ignore -u -m uvicorn shop:app, python3.12;uvicorn",
        "python manage.py runserver, python;manage.py;manage",
        "/opt/venv/bin/python -c print(1) gunicorn, python",
        "sh -c gunicorn, sh",
        "bash /srv/start.sh gunicorn, bash;start.sh",
        "tail -f gunicorn.log, tail",
        "node -r dotenv/config /srv/server.js, node;server.js",
        "nginx, nginx"
    })
    void programsScriptsAndModules(String line, String names) {
        assertThat(names(line.split(" ", -1))).containsExactlyInAnyOrder(names.split(";", -1));
    }

    @Test
    void titlesThatProcessesGiveThemselves() {
        assertThat(names("gunicorn: worker [shop]", "", "")).containsExactly("gunicorn");
        assertThat(names("postgres: writer")).containsExactly("postgres");
    }

    @Test
    void kernelThreadsHaveNone() {
        assertThat(CommandLine.parse("").names()).isEmpty();
        assertThat(names("python3", "-m")).containsExactly("python3");
    }
}
