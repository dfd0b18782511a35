import com.cloudhopper.commons.charset.CharsetUtil;
import com.cloudhopper.smpp.PduAsyncResponse;
import com.cloudhopper.smpp.SmppBindType;
import com.cloudhopper.smpp.SmppConstants;
import com.cloudhopper.smpp.SmppSession;
import com.cloudhopper.smpp.SmppSessionConfiguration;
import com.cloudhopper.smpp.ssl.SslConfiguration;
import com.cloudhopper.smpp.impl.DefaultSmppClient;
import com.cloudhopper.smpp.impl.DefaultSmppSessionHandler;
import com.cloudhopper.smpp.pdu.DeliverSm;
import com.cloudhopper.smpp.pdu.EnquireLink;
import com.cloudhopper.smpp.pdu.PduRequest;
import com.cloudhopper.smpp.pdu.PduResponse;
import com.cloudhopper.smpp.pdu.SubmitSm;
import com.cloudhopper.smpp.pdu.SubmitSmResp;
import com.cloudhopper.smpp.tlv.Tlv;
import com.cloudhopper.smpp.type.Address;
import com.cloudhopper.smpp.type.SmppBindException;
import com.cloudhopper.smpp.util.DeliveryReceipt;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.joda.time.DateTimeZone;

/**
 * Aim: Cloudhopper, the client of many aggregators, works with the server through its window of
 * asynchronous requests. Method: each test binds sessions of its own at the port given.
 */
public final class Test {
  private static final String SOURCE = "4479460001";
  private static final String DESTINATION = "33612345678";
  private static final int TIMEOUT_MS = 10000;

  private static int port;
  // Without its own monitor the library would never find a request that nobody answers.
  private static final DefaultSmppClient client = new DefaultSmppClient(
      Executors.newCachedThreadPool(), 1, Executors.newScheduledThreadPool(1));

  /** What came over one session. */
  private static final class Handler extends DefaultSmppSessionHandler {
    final Set<String> ids = ConcurrentHashMap.newKeySet();
    final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
    final Map<String, DeliverSm> receipts = new ConcurrentHashMap<>();
    final AtomicInteger responses = new AtomicInteger();
    final AtomicInteger deliveries = new AtomicInteger();
    final AtomicInteger enquireLinks = new AtomicInteger();
    final AtomicInteger faults = new AtomicInteger();
    volatile String fault = "";

    private void fault(String what) {
      fault = what;
      faults.incrementAndGet();
    }

    @Override
    public void fireExpectedPduResponseReceived(PduAsyncResponse response) {
      PduResponse pdu = response.getResponse();
      statuses.computeIfAbsent(pdu.getCommandStatus(), status -> new AtomicInteger())
          .incrementAndGet();
      if (pdu.getCommandStatus() == 0) ids.add(((SubmitSmResp) pdu).getMessageId());
      responses.incrementAndGet();
    }

    @Override
    public PduResponse firePduRequestReceived(PduRequest request) {
      if (request instanceof EnquireLink) enquireLinks.incrementAndGet();
      if (request instanceof DeliverSm deliver) {
        try {
          // The library's own parser, strict about every field and its date format.
          DeliveryReceipt receipt = DeliveryReceipt.parseShortMessage(
              CharsetUtil.decode(deliver.getShortMessage(), CharsetUtil.CHARSET_ISO_8859_1),
              DateTimeZone.UTC);
          receipts.put(receipt.getMessageId(), deliver);
          check(deliver, receipt);
        } catch (Exception | AssertionError wrong) {
          fault("receipt: " + wrong);
        }
        // Last: whoever waits for it looks at the rest then.
        deliveries.incrementAndGet();
      }
      return request.createResponse();
    }

    private static void check(DeliverSm deliver, DeliveryReceipt receipt) throws Exception {
      Tap.check(receipt.getState() == SmppConstants.STATE_DELIVERED, "state " + receipt.getState());
      Tap.check(receipt.getSubmitCount() == 1 && receipt.getDeliveredCount() == 1, "counts");
      Tap.check((deliver.getEsmClass() & 0x3c) == SmppConstants.ESM_CLASS_MT_SMSC_DELIVERY_RECEIPT,
          "esm_class " + deliver.getEsmClass());
      Tap.check(is(deliver.getSourceAddress(), DESTINATION), "source address");
      Tap.check(is(deliver.getDestAddress(), SOURCE), "destination address");
      Tlv id = deliver.getOptionalParameter(SmppConstants.TAG_RECEIPTED_MSG_ID);
      Tap.check(id != null && id.getValueAsString().equals(receipt.getMessageId()),
          "receipted_message_id");
      Tlv state = deliver.getOptionalParameter(SmppConstants.TAG_MSG_STATE);
      Tap.check(state != null && state.getValueAsByte() == SmppConstants.STATE_DELIVERED,
          "message_state");
    }

    private static boolean is(Address address, String number) {
      return address.getAddress().equals(number) && address.getTon() == 1 && address.getNpi() == 1;
    }

    @Override
    public void fireUnexpectedPduResponseReceived(PduResponse response) {
      fault("unexpected " + response);
    }

    @Override
    public void fireUnrecoverablePduException(
        com.cloudhopper.smpp.type.UnrecoverablePduException wrong) {
      fault("" + wrong);
    }

    @Override
    public void fireRecoverablePduException(
        com.cloudhopper.smpp.type.RecoverablePduException wrong) {
      fault("" + wrong);
    }

    @Override
    public void fireUnknownThrowable(Throwable wrong) {
      fault("" + wrong);
    }

    @Override
    public void firePduRequestExpired(PduRequest request) {
      fault("expired " + request);
    }

    void checkNoFault() {
      Tap.check(faults.get() == 0, faults.get() + " faults, the last one: " + fault);
    }
  }

  private static Address address(String number) {
    return new Address((byte) 1, (byte) 1, number);
  }

  private static SmppSession bind(
      SmppBindType type, String systemId, String password, Handler handler) throws Exception {
    SmppSessionConfiguration configuration =
        new SmppSessionConfiguration(type, systemId, password);
    configuration.setHost("127.0.0.1");
    configuration.setPort(port);
    if (System.getenv("RINGGATE_INTEROP_TLS") != null) {
      final SslConfiguration ssl = new SslConfiguration();
      ssl.setTrustAll(true);
      configuration.setUseSsl(true);
      configuration.setSslConfiguration(ssl);
    }
    configuration.setWindowSize(10);
    configuration.setWindowMonitorInterval(1000);
    configuration.setRequestExpiryTimeout(TIMEOUT_MS);
    configuration.getLoggingOptions().setLogPdu(false);
    return client.bind(configuration, handler);
  }

  private static SubmitSm submit() throws Exception {
    SubmitSm submit = new SubmitSm();
    submit.setSourceAddress(address(SOURCE));
    submit.setDestAddress(address(DESTINATION));
    submit.setRegisteredDelivery(SmppConstants.REGISTERED_DELIVERY_SMSC_RECEIPT_REQUESTED);
    submit.setShortMessage("hello".getBytes());
    return submit;
  }

  // Returns at once when the window has room, and waits for room otherwise.
  private static void send(SmppSession session, int count) throws Exception {
    for (int i = 0; i < count; ++i) session.sendRequestPdu(submit(), TIMEOUT_MS, false);
  }

  private static void waitFor(AtomicInteger counter, int count, Handler handler, String what)
      throws Exception {
    Tap.waitUntil(() -> counter.get() >= count || handler.faults.get() > 0, 20, what);
    handler.checkNoFault();
  }

  public static void main(String[] arguments) {
    port = Integer.parseInt(arguments[0]);
    Tap tap = new Tap();

    tap.test("500 submits with a window of 10, receipts on the same session, unbind", () -> {
      Handler handler = new Handler();
      SmppSession session = bind(SmppBindType.TRANSCEIVER, "test", "test", handler);
      Tap.check(session.getInterfaceVersion() == SmppConstants.VERSION_3_4,
          "negotiated version " + session.getInterfaceVersion());
      Tap.check(session.areOptionalParametersSupported(), "no TLVs negotiated");
      send(session, 500);
      waitFor(handler.responses, 500, handler, "500 responses");
      waitFor(handler.deliveries, 500, handler, "500 receipts");
      Tap.check(handler.ids.size() == 500, handler.ids.size() + " different ids");
      Tap.check(handler.receipts.keySet().equals(handler.ids), "receipts of other ids");
      session.unbind(TIMEOUT_MS);
      Tap.check(session.isClosed(), session.getStateName());
      handler.checkNoFault();
      Tap.check(handler.deliveries.get() == 500, handler.deliveries.get() + " deliveries");
      session.destroy();
    });

    tap.test("receipts of a transmitter's submits come to the receiver", () -> {
      Handler receiving = new Handler();
      Handler sending = new Handler();
      SmppSession receiver = bind(SmppBindType.RECEIVER, "test", "test", receiving);
      SmppSession transmitter = bind(SmppBindType.TRANSMITTER, "test", "test", sending);
      send(transmitter, 50);
      waitFor(receiving.deliveries, 50, receiving, "50 receipts");
      waitFor(sending.responses, 50, sending, "50 responses");
      Tap.check(receiving.receipts.keySet().equals(sending.ids), "receipts of other ids");
      Tap.check(sending.deliveries.get() == 0, "a transmitter was sent something");
      transmitter.unbind(TIMEOUT_MS);
      receiver.unbind(TIMEOUT_MS);
      transmitter.destroy();
      receiver.destroy();
    });

    tap.test("a wrong password gets ESME_RBINDFAIL", () -> {
      try {
        bind(SmppBindType.TRANSCEIVER, "test", "wrong", new Handler()).destroy();
        throw new AssertionError("bound");
      } catch (SmppBindException refused) {
        int status = refused.getBindResponse().getCommandStatus();
        Tap.check(status == SmppConstants.STATUS_BINDFAIL, "status " + status);
      }
    });

    tap.test("an account over its rate gets ESME_RTHROTTLED without a body, and goes on", () -> {
      Handler handler = new Handler();
      SmppSession session = bind(SmppBindType.TRANSCEIVER, "slow", "slow", handler);
      send(session, 50);
      waitFor(handler.responses, 50, handler, "50 responses");
      Tap.check(handler.statuses.keySet().equals(Set.of(0, SmppConstants.STATUS_THROTTLED)),
          "statuses " + handler.statuses);
      Thread.sleep(300);
      SubmitSmResp response = session.submit(submit(), TIMEOUT_MS);
      Tap.check(response.getCommandStatus() == 0, "" + response);
      session.unbind(TIMEOUT_MS);
      session.destroy();
    });

    tap.test("enquire_link both ways", () -> {
      Handler handler = new Handler();
      SmppSession session = bind(SmppBindType.TRANSCEIVER, "idle", "idle", handler);
      Thread.sleep(4500);
      Tap.check(handler.enquireLinks.get() >= 3, handler.enquireLinks.get() + " from the server");
      Tap.check(session.isBound(), session.getStateName());
      Tap.check(session.enquireLink(new EnquireLink(), TIMEOUT_MS).getCommandStatus() == 0,
          "enquire_link_resp");
      handler.checkNoFault();
      session.unbind(TIMEOUT_MS);
      session.destroy();
    });

    tap.run();
  }
}
