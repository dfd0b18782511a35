import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicLong;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.*;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.session.*;
import org.jsmpp.session.connection.ServerConnection;
import org.jsmpp.session.connection.socket.ServerSocketConnection;
import org.jsmpp.session.connection.socket.ServerSocketConnectionFactory;
import org.jsmpp.util.MessageId;

/** A jSMPP server that takes every bind and answers submit_sm. */
public final class Server implements ServerMessageReceiverListener {
  private static final OptionalParameter[] NO_TLVS = new OptionalParameter[0];
  private final AtomicLong ids = new AtomicLong();

  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    try (SMPPServerSessionListener listener =
        new SMPPServerSessionListener(Integer.parseInt(arguments[0]), new Loopback())) {
      // "Set the number of threads which can read PDU and process it in parallel. The default is
      // 3." (javadoc of setPduProcessorDegree; jSMPP's StressServer takes 10.) They share one core
      // here, and 1 took the least CPU for a message of 1, 3 and 10: 3.9 us, 4.7 and 4.7 (8 binds,
      // window 64; single runs, of which the latter two were disturbed).
      listener.setPduProcessorDegree(1);
      // Its work queue answers ESME_RTHROTTLED when full: as long as the largest window tried.
      listener.setQueueCapacity(100);
      listener.setMessageReceiverListener(server);
      while (true) {
        SMPPServerSession session = listener.accept();
        // waitForBind blocks, so each session binds on a thread of its own.
        new Thread(() -> bind(session)).start();
      }
    }
  }

  private static void bind(SMPPServerSession session) {
    try {
      session.waitForBind(5000).accept("peer", InterfaceVersion.IF_34);
    } catch (Exception gone) {
      session.close();
    }
  }

  /** jSMPP's own factory listens on every address of the machine. */
  private static final class Loopback extends ServerSocketConnectionFactory {
    @Override
    public ServerConnection listen(int port) throws IOException {
      return new ServerSocketConnection(
          new ServerSocket(port, 128, InetAddress.getLoopbackAddress()));
    }
  }

  @Override
  public SubmitSmResult onAcceptSubmitSm(SubmitSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    try {
      return new SubmitSmResult(new MessageId(Long.toString(ids.incrementAndGet())), NO_TLVS);
    } catch (org.jsmpp.PDUStringException tooLong) {
      throw new ProcessRequestException("id", SMPPConstant.STAT_ESME_RSYSERR);
    }
  }

  private static ProcessRequestException refusal() {
    return new ProcessRequestException("not here", SMPPConstant.STAT_ESME_RINVCMDID);
  }

  @Override
  public SubmitMultiResult onAcceptSubmitMulti(SubmitMulti pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public QuerySmResult onAcceptQuerySm(QuerySm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public void onAcceptReplaceSm(ReplaceSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public void onAcceptCancelSm(CancelSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public BroadcastSmResult onAcceptBroadcastSm(BroadcastSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public void onAcceptCancelBroadcastSm(CancelBroadcastSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public QueryBroadcastSmResult onAcceptQueryBroadcastSm(
      QueryBroadcastSm pdu, SMPPServerSession source) throws ProcessRequestException {
    throw refusal();
  }

  @Override
  public DataSmResult onAcceptDataSm(DataSm pdu, Session source) throws ProcessRequestException {
    throw refusal();
  }
}
