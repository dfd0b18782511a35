import java.util.concurrent.atomic.AtomicLong;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataCodings;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.session.BindParameter;
import org.jsmpp.session.SMPPSession;

/**
 * Submits as fast as it may. submitShortMessage waits for the answer, so a window is as many
 * threads: the way of jSMPP's own StressClient.
 */
public final class Client {
  private static final AtomicLong answers = new AtomicLong();
  private static final byte[] TEXT = "x".repeat(160).getBytes();

  public static void main(String[] arguments) throws Exception {
    int window = Integer.parseInt(arguments[2]);
    for (int bind = 0; bind < Integer.parseInt(arguments[1]); bind++) {
      SMPPSession session = new SMPPSession();
      session.setTransactionTimer(10000);
      // As in the server.
      session.setPduProcessorDegree(1);
      session.connectAndBind("127.0.0.1", Integer.parseInt(arguments[0]),
          new BindParameter(BindType.BIND_TRX, "test", "test", "", TypeOfNumber.UNKNOWN,
              NumberingPlanIndicator.UNKNOWN, "", InterfaceVersion.IF_34));
      for (int open = 0; open < window; open++) {
        new Thread(() -> submit(session)).start();
      }
    }
    while (true) {
      Thread.sleep(1000);
      System.out.println(answers.get());
    }
  }

  private static void submit(SMPPSession session) {
    try {
      while (true) {
        session.submitShortMessage("", TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN,
            "491700000001", TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, "491600000002",
            new ESMClass(), (byte) 0, (byte) 0, null, null, new RegisteredDelivery(0), (byte) 0,
            DataCodings.ZERO, (byte) 0, TEXT);
        answers.incrementAndGet();
      }
    } catch (Exception failure) {
      System.err.println(failure);
      System.exit(1);
    }
  }
}
