import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Objects;

/** Runs steps, says which of them failed and why, counts, and appends each outcome to the file that MILLRACE_RESULTS names. */
final class Tally {
  interface Step {
    void run() throws Exception;
  }

  private final String client;
  private final String version;
  private final String protocol;
  private int passed = 0;
  private int failed = 0;

  /** `protocol` is what the server was seen to answer in. */
  Tally(String client, String version, String protocol) {
    this.client = client;
    this.version = version;
    this.protocol = protocol;
    System.out.println(client + " " + version + ", over " + protocol);
  }

  void step(String name, Step step) {
    boolean good = false;
    try {
      step.run();
      good = true;
      passed++;
    } catch (Exception | AssertionError failure) {
      failed++;
      System.out.println("  failed: " + name);
      failure.printStackTrace(System.out);
    }
    record(name, good);
  }

  private void record(String name, boolean good) {
    String path = System.getenv("MILLRACE_RESULTS");
    if (path == null || path.isEmpty()) return;
    String line =
        String.format(
            "{\"client\":%s,\"version\":%s,\"protocol\":%s,\"mode\":%s,\"behaviour\":%s,\"passed\":%b}%n",
            quoted(client), quoted(version), quoted(protocol), quoted(System.getenv("MILLRACE_MODE")), quoted(name), good);
    try {
      Files.write(Path.of(path), line.getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static String quoted(String text) {
    return '"' + String.valueOf(text).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Prints the last line and ends the program with the exit code that says the same. */
  void conclude() {
    System.exit(concluded() ? 0 : 1);
  }

  /** Prints the last line and tells whether every step passed. */
  boolean concluded() {
    System.out.println(passed + " passed, " + failed + " failed");
    return failed == 0 && passed > 0;
  }

  static void same(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) throw new AssertionError(actual + " is not " + expected);
  }

  static void holds(boolean condition, String sentence) {
    if (!condition) throw new AssertionError("it does not hold that " + sentence);
  }

  /** In hexadecimal digits. */
  static String digest(String algorithm, String text) throws Exception {
    StringBuilder digits = new StringBuilder();
    for (byte part : MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8))) digits.append(String.format("%02x", part));
    return digits.toString();
  }

  /** The failure that a call ends with. */
  static Exception failureOf(Step call) {
    try {
      call.run();
    } catch (Exception failure) {
      return failure;
    }
    throw new AssertionError("not refused");
  }
}
