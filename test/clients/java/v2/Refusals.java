import static java.util.stream.Collectors.toList;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sqs.model.EmptyBatchRequestException;
import software.amazon.awssdk.services.sqs.model.InvalidAttributeNameException;
import software.amazon.awssdk.services.sqs.model.InvalidMessageContentsException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.TooManyEntriesInBatchRequestException;

/** What is wrong is refused by the exception that programs catch; where the SDK has none for it, by its code. */
final class Refusals {
  private final Tally tally;
  private final SqsClient sqs;
  private final String name;
  private final String url;

  Refusals(Tally tally, SqsClient sqs, String name, String url) {
    this.tally = tally;
    this.sqs = sqs;
    this.name = name;
    this.url = url;
  }

  void run() {
    refused("QueueDoesNotExist", QueueDoesNotExistException.class, () -> sqs.getQueueUrl(queue -> queue.queueName("nobody-made-it")));
    refused(
        "QueueNameExists",
        QueueNameExistsException.class,
        () -> sqs.createQueue(queue -> queue.queueName(name).attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "31"))));
    refused(
        "ReceiptHandleIsInvalid",
        ReceiptHandleIsInvalidException.class,
        () -> sqs.deleteMessage(deletion -> deletion.queueUrl(url).receiptHandle("made up")));
    refused("InvalidAttributeName", InvalidAttributeNameException.class, () -> set("Colour", "red"));
    tally.step("refused with InvalidAttributeValue", () -> Tally.same(Main.code(Tally.failureOf(() -> set("VisibilityTimeout", "-1"))), "InvalidAttributeValue"));
    refused(
        "InvalidMessageContents",
        InvalidMessageContentsException.class,
        () -> sqs.sendMessage(message -> message.queueUrl(url).messageBody("\u0001")));
    tally.step(
        "refused with InvalidParameterValue",
        () ->
            Tally.same(
                Main.code(Tally.failureOf(() -> sqs.receiveMessage(receive -> receive.queueUrl(url).maxNumberOfMessages(11)))),
                "InvalidParameterValue"));
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

  private void set(String attribute, String value) {
    sqs.setQueueAttributes(queue -> queue.queueUrl(url).attributesWithStrings(Map.of(attribute, value)));
  }

  private void send(int count, IntFunction<String> id) {
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, count)
            .mapToObj(number -> SendMessageBatchRequestEntry.builder().id(id.apply(number)).messageBody("body").build())
            .collect(toList());
    sqs.sendMessageBatch(batch -> batch.queueUrl(url).entries(entries));
  }
}
