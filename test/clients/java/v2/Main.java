import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/**
 * The scenario of queues through the AWS SDK for Java v2, which verifies the digests of bodies and of attributes itself.
 *
 * <p>The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the
 * server checks them: dev or keys.
 */
final class Main {
  public static void main(String[] arguments) {
    SqsClient sqs = builder().build();
    Tally tally = new Tally("AWS SDK for Java v2", VersionInfo.SDK_VERSION, protocol());
    new Queues(tally, sqs).run();
    keys(tally, System.getenv("MILLRACE_MODE"));
    tally.conclude();
  }

  /** An answer that was lost would be asked for again and hide that it was, so nothing is retried. */
  static SqsClientBuilder builder() {
    return SqsClient.builder()
        .endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL")))
        .region(Region.US_EAST_1)
        .overrideConfiguration(configuration -> configuration.retryPolicy(retries -> retries.numRetries(0)));
  }

  /** The protocol by what the server answers in. */
  static String protocol() {
    AtomicReference<String> contentType = new AtomicReference<>("");
    ExecutionInterceptor witness =
        new ExecutionInterceptor() {
          @Override
          public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
            context.httpResponse().firstMatchingHeader("content-type").ifPresent(contentType::set);
          }
        };
    try (SqsClient sqs = builder().overrideConfiguration(configuration -> configuration.addExecutionInterceptor(witness)).build()) {
      sqs.listQueues();
    }
    return contentType.get().startsWith("text/xml") ? "query" : "json";
  }

  /** Wrong keys: taken on a server without credentials, refused by one that has them. */
  private static void keys(Tally tally, String mode) {
    String[][] strangers = {
      {"a wrong secret", System.getenv("AWS_ACCESS_KEY_ID"), "SignatureDoesNotMatch"}, {"an unknown key", "AKSTRANGER", "InvalidClientTokenId"}
    };
    for (String[] stranger : strangers) {
      tally.step(
          stranger[0] + " in " + mode + " mode",
          () -> {
            AwsBasicCredentials credentials = AwsBasicCredentials.create(stranger[1], "this-is-not-the-secret");
            try (SqsClient sqs = builder().credentialsProvider(StaticCredentialsProvider.create(credentials)).build()) {
              if (mode.equals("dev")) sqs.listQueues();
              else Tally.same(code(Tally.failureOf(sqs::listQueues)), stranger[2]);
            }
          });
    }
  }

  static String code(Exception failure) {
    return failure instanceof AwsServiceException ? ((AwsServiceException) failure).awsErrorDetails().errorCode() : String.valueOf(failure);
  }
}
