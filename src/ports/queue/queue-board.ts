/** Pages that show an operator the queues and the jobs in them, and change nothing. */
export interface QueueBoard {
  /**
   * Answers requests below the path it was made for. What it shows is for who may know everything about the queue.
   *
   * @throws {ExpectedFailure} `setup`, retryable, where the queue cannot be reached
   */
  fetch(request: Request): Promise<Response>;
}
