import static java.util.stream.Collectors.toList;

import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.model.BatchEntryIdsNotDistinctException;
import com.amazonaws.services.sqs.model.CreateQueueRequest;
import com.amazonaws.services.sqs.model.EmptyBatchRequestException;
import com.amazonaws.services.sqs.model.InvalidAttributeNameException;
import com.amazonaws.services.sqs.model.InvalidMessageContentsException;
import com.amazonaws.services.sqs.model.QueueDoesNotExistException;
import com.amazonaws.services.sqs.model.QueueNameExistsException;
import com.amazonaws.services.sqs.model.ReceiptHandleIsInvalidException;
import com.amazonaws.services.sqs.model.ReceiveMessageRequest;
import com.amazonaws.services.sqs.model.SendMessageBatchRequestEntry;
import com.amazonaws.services.sqs.model.TooManyEntriesInBatchRequestException;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What is wrong is refused by the exception that programs catch; where the SDK has none for it, by its code. */
final class Refusals {
  private final Tally tally;
  private final AmazonSQS sqs;
  private final String name;
  private final String url;

  Refusals(Tally tally, AmazonSQS sqs, String name, String url) {
    this.tally = tally;
    this.sqs = sqs;
    this.name = name;
    this.url = url;
  }

  void run() {
    CreateQueueRequest otherwise = new CreateQueueRequest(name).addAttributesEntry("VisibilityTimeout", "31");
    refused("QueueDoesNotExist", QueueDoesNotExistException.class, () -> sqs.getQueueUrl("nobody-made-it"));
    refused("QueueNameExists", QueueNameExistsException.class, () -> sqs.createQueue(otherwise));
    refused("ReceiptHandleIsInvalid", ReceiptHandleIsInvalidException.class, () -> sqs.deleteMessage(url, "made up"));
    refused("InvalidAttributeName", InvalidAttributeNameException.class, () -> sqs.setQueueAttributes(url, Map.of("Colour", "red")));
    coded("InvalidAttributeValue", () -> sqs.setQueueAttributes(url, Map.of("VisibilityTimeout", "-1")));
    refused("InvalidMessageContents", InvalidMessageContentsException.class, () -> sqs.sendMessage(url, "\u0001"));
    coded("InvalidParameterValue", () -> sqs.receiveMessage(new ReceiveMessageRequest(url).withMaxNumberOfMessages(11)));
    refused("EmptyBatchRequest", EmptyBatchRequestException.class, () -> send(0, number -> ""));
    refused("BatchEntryIdsNotDistinct", BatchEntryIdsNotDistinctException.class, () -> send(2, number -> "a"));
    refused("TooManyEntriesInBatchRequest", TooManyEntriesInBatchRequestException.class, () -> send(11, number -> "" + number));
  }

  private void refused(String shape, Class<? extends Exception> expected, Tally.Step call) {
    tally.step(
        "refused with " + shape,
        () -> {
          Exception failure = Tally.failureOf(call);
          Tally.holds(expected.isInstance(failure), failure + " is " + expected.getName());
        });
  }

  private void coded(String code, Tally.Step call) {
    tally.step("refused with " + code, () -> Tally.same(Main.code(Tally.failureOf(call)), code));
  }

  private void send(int count, IntFunction<String> id) {
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, count).mapToObj(number -> new SendMessageBatchRequestEntry(id.apply(number), "body")).collect(toList());
    sqs.sendMessageBatch(url, entries);
  }
}
