import com.cloudhopper.smpp.PduAsyncResponse;
import com.cloudhopper.smpp.SmppBindType;
import com.cloudhopper.smpp.SmppSession;
import com.cloudhopper.smpp.SmppSessionConfiguration;
import com.cloudhopper.smpp.impl.DefaultSmppClient;
import com.cloudhopper.smpp.impl.DefaultSmppSessionHandler;
import com.cloudhopper.smpp.pdu.SubmitSm;
import com.cloudhopper.smpp.type.Address;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Submits as fast as the windows allow: a thread a bind, with asynchronous requests. */
public final class Client {
  private static final AtomicLong answers = new AtomicLong();
  private static final byte[] TEXT = "x".repeat(160).getBytes();

  public static void main(String[] arguments) throws Exception {
    int binds = Integer.parseInt(arguments[1]);
    DefaultSmppClient client = new DefaultSmppClient(Executors.newCachedThreadPool(), binds);
    for (int bind = 0; bind < binds; bind++) {
      SmppSessionConfiguration configuration =
          new SmppSessionConfiguration(SmppBindType.TRANSCEIVER, "test", "test");
      configuration.setHost("127.0.0.1");
      configuration.setPort(Integer.parseInt(arguments[0]));
      configuration.setWindowSize(Integer.parseInt(arguments[2]));
      configuration.getLoggingOptions().setLogPdu(false);
      SmppSession session = client.bind(configuration, new DefaultSmppSessionHandler() {
        @Override
        public void fireExpectedPduResponseReceived(PduAsyncResponse response) {
          answers.incrementAndGet();
        }
      });
      new Thread(() -> submit(session)).start();
    }
    while (true) {
      Thread.sleep(1000);
      System.out.println(answers.get());
    }
  }

  private static void submit(SmppSession session) {
    try {
      while (true) {
        SubmitSm request = new SubmitSm();
        request.setSourceAddress(new Address((byte) 1, (byte) 1, "491700000001"));
        request.setDestAddress(new Address((byte) 1, (byte) 1, "491600000002"));
        request.setShortMessage(TEXT);
        session.sendRequestPdu(request, 10000, false);
      }
    } catch (Exception failure) {
      System.err.println(failure);
      System.exit(1);
    }
  }
}
