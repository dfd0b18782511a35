import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One TAP line per test, for the interop tests written in Java. */
final class Tap {
  interface Body {
    void run() throws Exception;
  }

  private record Named(String name, Body body) {}

  private final List<Named> tests = new ArrayList<>();

  void test(String name, Body body) {
    tests.add(new Named(name, body));
  }

  /** Runs the tests in order and ends the program; threads of the client library may live on. */
  void run() {
    int number = 0;
    int failed = 0;
    for (Named test : tests) {
      ++number;
      try {
        test.body().run();
        System.out.println("ok " + number + " - " + test.name());
      } catch (Throwable failure) {
        ++failed;
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        System.out.println("not ok " + number + " - " + test.name());
        System.out.println("# " + trace.toString().strip().replace("\n", "\n# "));
      }
    }
    System.out.flush();
    Runtime.getRuntime().halt(failed == 0 ? 0 : 1);
  }

  static void check(boolean condition, String otherwise) {
    if (!condition) throw new AssertionError(otherwise);
  }

  static void waitUntil(BooleanSupplier condition, int seconds, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      check(System.nanoTime() < deadline, what + ": not within " + seconds + " s");
      Thread.sleep(10);
    }
  }
}
