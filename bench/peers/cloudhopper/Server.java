import com.cloudhopper.smpp.SmppServerConfiguration;
import com.cloudhopper.smpp.SmppServerHandler;
import com.cloudhopper.smpp.SmppServerSession;
import com.cloudhopper.smpp.SmppSessionConfiguration;
import com.cloudhopper.smpp.impl.DefaultSmppServer;
import com.cloudhopper.smpp.impl.DefaultSmppSessionHandler;
import com.cloudhopper.smpp.pdu.BaseBind;
import com.cloudhopper.smpp.pdu.BaseBindResp;
import com.cloudhopper.smpp.pdu.PduRequest;
import com.cloudhopper.smpp.pdu.PduResponse;
import com.cloudhopper.smpp.pdu.SubmitSm;
import com.cloudhopper.smpp.pdu.SubmitSmResp;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A Cloudhopper server that takes every bind and answers submit_sm. */
public final class Server implements SmppServerHandler {
  private final AtomicLong ids = new AtomicLong();

  public static void main(String[] arguments) throws Exception {
    SmppServerConfiguration configuration = new SmppServerConfiguration();
    configuration.setHost("127.0.0.1");
    configuration.setPort(Integer.parseInt(arguments[0]));
    configuration.setSystemId("peer");
    // "An Executors.newCachedDaemonThreadPool() is recommended. The max threads will never grow
    // more than configuration.getMaxConnections() if NIO sockets are used" (javadoc of
    // DefaultSmppServer): they are by default. The number of their threads, which share one core
    // here, is that of connections expected, 100 by default; 1 took the least CPU for a message of
    // 1, 8 and 100 (6.2 us, 7.1 and 7.0 at 8 binds, window 64; single runs, of which the latter two
    // were disturbed), and serves all binds alike: p99 was 7 ms, 33 and 33.
    configuration.setMaxConnectionSize(1);
    // Counters and JMX stay off, which is the default, and so does the monitor of the window.
    new DefaultSmppServer(configuration, new Server(), Executors.newCachedThreadPool()).start();
  }

  @Override
  public void sessionBindRequested(Long id, SmppSessionConfiguration session, BaseBind request) {
    // On by default, and made into text for every PDU when a logger wants it.
    session.getLoggingOptions().setLogPdu(false);
  }

  @Override
  public void sessionCreated(Long id, SmppServerSession session, BaseBindResp response) {
    session.serverReady(new DefaultSmppSessionHandler() {
      @Override
      public PduResponse firePduRequestReceived(PduRequest request) {
        PduResponse answer = request.createResponse();
        if (request instanceof SubmitSm) {
          ((SubmitSmResp) answer).setMessageId(Long.toString(ids.incrementAndGet()));
        }
        return answer;
      }
    });
  }

  @Override
  public void sessionDestroyed(Long id, SmppServerSession session) {
    session.destroy();
  }
}
