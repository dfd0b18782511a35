import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.AlertNotification;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataCodings;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.DeliveryReceipt;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.SMSCDeliveryReceipt;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.SessionState;
import org.jsmpp.session.BindParameter;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.MessageReceiverListener;
import org.jsmpp.session.SMPPSession;
import org.jsmpp.session.Session;
import org.jsmpp.session.connection.socket.SSLSocketConnectionFactory;
import org.jsmpp.util.DeliveryReceiptState;

/**
 * Aim: jSMPP, which reads PDUs on one thread and handles them on others, works with the server.
 * Method: each test binds sessions of its own at the port given, submits, and checks receipts.
 */
public final class Test {
  private static final String SOURCE = "4479460001";
  private static final String DESTINATION = "33612345678";
  private static final int SECONDS = 10;

  private static int port;

  /** One bind. Receipts are kept by message id. */
  private static final class Esme implements MessageReceiverListener, AutoCloseable {
    final SMPPSession session = System.getenv("RINGGATE_INTEROP_TLS") == null
        ? new SMPPSession() : new SMPPSession(SSLSocketConnectionFactory.getInstance());
    final Map<String, DeliveryReceipt> receipts = new ConcurrentHashMap<>();
    final Map<String, DeliverSm> delivered = new ConcurrentHashMap<>();
    final AtomicInteger deliveries = new AtomicInteger();
    final AtomicInteger unreadable = new AtomicInteger();

    Esme(BindType type, InterfaceVersion version, String password, int enquireLinkTimer)
        throws Exception {
      session.setMessageReceiverListener(this);
      session.setTransactionTimer(SECONDS * 1000);
      session.setEnquireLinkTimer(enquireLinkTimer);
      session.connectAndBind("127.0.0.1", port,
          new BindParameter(type, "test", password, "", TypeOfNumber.UNKNOWN,
              NumberingPlanIndicator.UNKNOWN, "", version),
          SECONDS * 1000);
    }

    Esme(BindType type) throws Exception {
      this(type, InterfaceVersion.IF_34, "test", 0);
    }

    String submit(String destination) throws Exception {
      return session
          .submitShortMessage("", TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, SOURCE,
              TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, destination, new ESMClass(),
              (byte) 0, (byte) 0, null, null,
              new RegisteredDelivery(SMSCDeliveryReceipt.SUCCESS_FAILURE), (byte) 0,
              DataCodings.ZERO, (byte) 0, "hello".getBytes())
          .getMessageId();
    }

    String submit() throws Exception {
      return submit(DESTINATION);
    }

    @Override
    public void onAcceptDeliverSm(DeliverSm pdu) {
      try {
        DeliveryReceipt receipt = pdu.getShortMessageAsDeliveryReceipt();
        delivered.put(receipt.getId(), pdu);
        receipts.put(receipt.getId(), receipt);
      } catch (Exception unparsable) {
        unreadable.incrementAndGet();
      }
      // Last: whoever waits for it looks at the rest then.
      deliveries.incrementAndGet();
    }

    @Override
    public void onAcceptAlertNotification(AlertNotification pdu) {}

    @Override
    public DataSmResult onAcceptDataSm(DataSm pdu, Session source) {
      throw new UnsupportedOperationException();
    }

    void checkReceipt(String id) throws Exception {
      Tap.waitUntil(() -> receipts.containsKey(id), SECONDS, "receipt of " + id);
      DeliveryReceipt receipt = receipts.get(id);
      DeliverSm pdu = delivered.get(id);
      Tap.check(receipt.getFinalStatus() == DeliveryReceiptState.DELIVRD,
          "state " + receipt.getFinalStatus());
      Tap.check(receipt.getSubmitted() == 1 && receipt.getDelivered() == 1, "sub and dlvrd");
      Tap.check(receipt.getDoneDate() != null, "no done date");
      Tap.check(pdu.isSmscDeliveryReceipt(), "esm_class " + pdu.getEsmClass());
      Tap.check(pdu.getSourceAddr().equals(DESTINATION), "source " + pdu.getSourceAddr());
      Tap.check(pdu.getDestAddress().equals(SOURCE), "destination " + pdu.getDestAddress());
      OptionalParameter.Receipted_message_id tlv =
          pdu.getOptionalParameter(OptionalParameter.Receipted_message_id.class);
      Tap.check(tlv != null && tlv.getValueAsString().equals(id), "receipted_message_id");
      OptionalParameter.Message_state state =
          pdu.getOptionalParameter(OptionalParameter.Message_state.class);
      Tap.check(state != null && state.getValue() == 2, "message_state");
    }

    @Override
    public void close() {
      session.unbindAndClose();
    }
  }

  public static void main(String[] arguments) {
    port = Integer.parseInt(arguments[0]);
    Tap tap = new Tap();

    tap.test("receipts of a transmitter's submits come to the receiver", () -> {
      try (Esme tx = new Esme(BindType.BIND_TX); Esme rx = new Esme(BindType.BIND_RX)) {
        for (int i = 0; i < 10; ++i) rx.checkReceipt(tx.submit());
        Tap.check(tx.deliveries.get() == 0, "a transmitter was sent something");
      }
    });

    tap.test("200 pipelined submits on one session, each receipt once", () -> {
      ExecutorService threads = Executors.newFixedThreadPool(200);
      try (Esme trx = new Esme(BindType.BIND_TRX)) {
        List<Future<String>> submits = new ArrayList<>();
        for (int i = 0; i < 200; ++i) submits.add(threads.submit(() -> trx.submit()));
        HashSet<String> ids = new HashSet<>();
        for (Future<String> submit : submits) ids.add(submit.get());
        Tap.check(ids.size() == 200, ids.size() + " different ids");
        for (String id : ids) trx.checkReceipt(id);
        Tap.check(trx.deliveries.get() == 200, trx.deliveries.get() + " deliveries");
      } finally {
        threads.shutdownNow();
      }
    });

    for (InterfaceVersion version :
        List.of(InterfaceVersion.IF_33, InterfaceVersion.IF_34, InterfaceVersion.IF_50)) {
      tap.test("interface_version " + version, () -> {
        try (Esme tx = new Esme(BindType.BIND_TX, version, "test", 0);
            Esme rx = new Esme(BindType.BIND_RX, version, "test", 0)) {
          String id = tx.submit();
          if (version != InterfaceVersion.IF_33) {
            rx.checkReceipt(id);
            return;
          }
          Tap.check(id.length() <= 8, "id " + id + ": more than the 8 characters of 3.3");
          Tap.waitUntil(() -> rx.receipts.containsKey(id), SECONDS, "receipt of " + id);
          Tap.check(rx.delivered.get(id).getOptionalParameters().length == 0, "TLVs in 3.3");
        }
      });
    }

    tap.test("a wrong password gets ESME_RBINDFAIL", () -> {
      try (Esme trx = new Esme(BindType.BIND_TRX, InterfaceVersion.IF_34, "wrong", 0)) {
        throw new AssertionError("bound");
      } catch (java.io.IOException refused) {
        Tap.check(refused.getCause() instanceof NegativeResponseException, "" + refused.getCause());
        int status = ((NegativeResponseException) refused.getCause()).getCommandStatus();
        Tap.check(status == SMPPConstant.STAT_ESME_RBINDFAIL, "status " + status);
      }
    });

    tap.test("a destination of letters gets ESME_RINVDSTADR and the session goes on", () -> {
      try (Esme trx = new Esme(BindType.BIND_TRX)) {
        try {
          trx.submit("nobody");
          throw new AssertionError("accepted");
        } catch (NegativeResponseException refused) {
          Tap.check(refused.getCommandStatus() == SMPPConstant.STAT_ESME_RINVDSTADR,
              "status " + refused.getCommandStatus());
        }
        trx.checkReceipt(trx.submit());
      }
    });

    // jSMPP closes a session whose enquire_link is not answered within the transaction timer.
    tap.test("a session idle but for enquire_link, both ways, stays bound", () -> {
      try (Esme trx = new Esme(BindType.BIND_TRX, InterfaceVersion.IF_34, "test", 300)) {
        trx.session.setTransactionTimer(1000);
        Thread.sleep(4500);
        Tap.check(trx.session.getSessionState() == SessionState.BOUND_TRX,
            "" + trx.session.getSessionState());
        trx.session.setTransactionTimer(SECONDS * 1000);
        trx.checkReceipt(trx.submit());
      }
    });

    tap.test("unbind is answered", () -> {
      try (Esme trx = new Esme(BindType.BIND_TRX)) {
        long before = System.nanoTime();
        // Waits for unbind_resp; only logs when none comes, so time must tell.
        trx.session.unbind();
        Tap.check(System.nanoTime() - before < 5_000_000_000L, "no unbind_resp");
        // Then the server hangs up, which is what jSMPP's state follows.
        Tap.waitUntil(() -> trx.session.getSessionState() == SessionState.CLOSED, 5, "the end");
      }
    });

    tap.run();
  }
}
